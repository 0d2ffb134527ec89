import { startHostileServers } from "../support/hostile-servers.ts";

/* The hostile servers in a process of their own, so that what is measured is the checker. Speaks over IPC. */
const servers = await startHostileServers();
process.send?.(servers.map(({ what, url }) => ({ what, url })));
process.once("disconnect", () => process.exit(0));
