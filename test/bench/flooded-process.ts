import { checkFloods } from "./check-floods.ts";

/* Checks hostile servers in a process of its own, as often as it is told their addresses. Speaks over IPC. */
process.on("message", (urls: string[]) => void checkFloods(urls).then(() => process.send?.("over")));
process.once("disconnect", () => process.exit(0));
