import * as z from "zod";

/** An `http` or `https` URL. */
export const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });

/** An `http` or `https` origin, such as `https://login.example.com`. */
export const httpOrigin = httpUrl.refine((text) => URL.parse(text)?.origin === text, "must be an origin such as https://login.example.com");
