declare module "dynalite" {
  import type { Server } from "node:http";
  /** A DynamoDB over LevelDB. @param options.path folder; in memory when left out */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}
