import * as z from "zod";

/** An `http` or `https` URL. */
export const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
