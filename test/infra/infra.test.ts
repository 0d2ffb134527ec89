/*
 * All of infra's suites in one process: bundling the functions and making the stacks take longer than every assertion
 * about them, and are done once here for each set of settings.
 */
import "./economy.suite.ts";
import "./environment.suite.ts";
import "./grafana.suite.ts";
import "./identity.suite.ts";
import "./page.suite.ts";
import "./permissions.suite.ts";
import "./probe.suite.ts";
import "./template.suite.ts";
