import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AppFunction, type Deployment } from "./constructs/app-function.ts";
import { reachEnvironment } from "./constructs/reach-environment.ts";
import { probeName } from "./settings.ts";

/** A second opinion from another region: one function, without store, table or network of ours, that runs when it is asked. */
export class ProbeStack extends Stack {
  constructor(scope: Construct, id: string, { settings, bundles, ...props }: StackProps & Deployment) {
    super(scope, id, props);
    const { ALLOWED_PRIVATE_RANGES: _ours, DNS_SERVERS: _near, ...reach } = reachEnvironment(settings);
    new AppFunction(this, "Probe", {
      name: "probe",
      functionName: probeName(settings),
      settings,
      bundles,
      // Private ranges and name servers are of the home region's network.
      environment: { ...reach, ALLOWED_PRIVATE_RANGES: undefined, DNS_SERVERS: undefined },
      description: "Checks what another region sees down",
      // A check takes 36 s at most, its retries included.
      timeout: Duration.seconds(40),
      memoryMb: 512,
    });
  }
}
