/* Written by `npm run web:client` from the API's description. */
/* biome-ignore-all lint: written by a program */

export interface paths {
"/targets": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
limit?: number
cursor?: string
status?: ("pending" | "up" | "degraded" | "down" | "paused")
tag?: string
group?: string
name?: string
}
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Target[]
/**
 * Cursor of the next page; null on the last.
 */
next: (string | null)
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": ({
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type?: "http"
url: string
method?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")
headers?: {
[k: string]: string
}
body?: string
/**
 * Codes and ranges that mean up, after redirects.
 * 
 * @minItems 1
 * @maxItems 50
 */
expectedStatuses?: (number | string)[]
/**
 * At most 10; headers of yours are dropped on another origin, and a body is not taken there.
 */
followRedirects?: boolean
/**
 * False accepts any certificate.
 */
verifyTls?: boolean
/**
 * Host to ask for, when it is not the URL's: a site behind an address or a load balancer. Its name is verified, too.
 */
hostHeader?: string
/**
 * Name to verify and to send as SNI, when it is neither the hostHeader's nor the URL's.
 */
servername?: string
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
/**
 * PEM, intermediates behind it, for a server that asks for a client's certificate.
 */
clientCertificate?: string
/**
 * PEM without a passphrase: the private key of clientCertificate. Stored encrypted, never shown.
 */
clientKey?: string
/**
 * An HTTP proxy to go through; the name of the target is then looked up by it.
 */
proxy?: string
/**
 * Header proxy-authorization, such as "Basic dXNlcjpzZWNyZXQ=". Stored encrypted, never shown.
 */
proxyAuthorization?: string
/**
 * Client credentials: a bearer token is got, kept for its life, and sent with each check.
 */
oauth2?: {
/**
 * The token endpoint.
 */
tokenUrl: string
clientId: string
clientSecret: string
/**
 * @maxItems 30
 */
scopes?: string[]
audience?: string
/**
 * How the client authenticates there: in the authorization header or in the form.
 */
tokenEndpointAuthMethod?: ("client_secret_basic" | "client_secret_post")
}
/**
 * auto speaks HTTP/1.1, and HTTP/2 with a server that knows no other; each check has a fresh connection.
 */
httpVersion?: ("2" | "auto" | "1.1")
/**
 * @maxItems 20
 */
assertions?: ({
kind: "bodyContains"
text: string
otherwise?: ("degraded" | "down")
} | {
kind: "bodyLacks"
text: string
otherwise?: ("degraded" | "down")
} | {
kind: "body"
operator: ("eq" | "ne" | "contains" | "lacks" | "matches" | "notMatches")
value: string
otherwise?: ("degraded" | "down")
} | {
kind: "jsonPath"
/**
 * With [*], the assertion must hold for every value, and there must be one.
 */
path: string
operator?: ("eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "contains" | "lacks" | "matches" | "notMatches" | "in" | "exists")
value?: ((string | number | boolean | null) | (string | number | boolean | null)[])
otherwise?: ("degraded" | "down")
} | {
kind: "header"
name: string
operator?: ("eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "contains" | "lacks" | "matches" | "notMatches" | "in" | "exists")
value?: ((string | number | boolean | null) | (string | number | boolean | null)[])
otherwise?: ("degraded" | "down")
} | {
kind: "responseTime"
maxMs: number
otherwise?: ("degraded" | "down")
} | {
kind: "certificate"
minDaysLeft: number
otherwise?: ("degraded" | "down")
})[]
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "tcp"
host: string
port: number
/**
 * Text to send once connected, such as a command with its line end.
 */
send?: string
/**
 * A pattern (RE2) that must occur in what the server sends, its greeting or its answer to `send`; waited for until the timeout, in the first 4 KiB.
 */
banner?: string
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "dns"
/**
 * A name; for PTR an address, too.
 */
host: string
recordType?: ("A" | "AAAA" | "CAA" | "CNAME" | "MX" | "NS" | "PTR" | "SOA" | "SRV" | "TXT")
/**
 * In the words of `dig +short`, such as `10 mail.example.com`; quotes and the dot at the end may be left out.
 * 
 * @maxItems 20
 */
expectedRecords?: string[]
/**
 * all: each expected record is among the answers; any: one of them; exactly: all of them and no other.
 */
match?: ("all" | "any" | "exactly")
/**
 * NXDOMAIN: up while the name does not exist.
 */
expectedRcode?: ("NOERROR" | "NXDOMAIN" | "SERVFAIL" | "REFUSED")
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "tls"
host: string
port?: number
/**
 * Name to verify and to send as SNI, when it is not the host.
 */
servername?: string
/**
 * The protocol in which the server agrees on TLS.
 */
startTls?: ("smtp" | "imap" | "pop3" | "ftp" | "ldap" | "postgres" | "mysql")
/**
 * False accepts any certificate; how long it lasts is judged all the same.
 */
verifyTls?: boolean
/**
 * With fewer days left it is as expiryIs says.
 */
minDaysLeft?: number
/**
 * What too few days left mean.
 */
expiryIs?: ("degraded" | "down")
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
/**
 * PEM, intermediates behind it, for a server that asks for a client's certificate.
 */
clientCertificate?: string
/**
 * PEM without a passphrase: the private key of clientCertificate. Stored encrypted, never shown.
 */
clientKey?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "websocket"
url: string
headers?: {
[k: string]: string
}
/**
 * A text message to send.
 */
send?: string
/**
 * A pattern (RE2) that must occur in one of the first messages from the server; waited for until the timeout.
 */
answer?: string
/**
 * False accepts any certificate.
 */
verifyTls?: boolean
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "grpc"
host: string
port: number
/**
 * Whose health is asked for; empty: the server's as a whole.
 */
service?: string
/**
 * False speaks in plain text.
 */
tls?: boolean
/**
 * Name to verify and to send as SNI, when it is not the host.
 */
servername?: string
/**
 * False accepts any certificate.
 */
verifyTls?: boolean
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
/**
 * PEM, intermediates behind it, for a server that asks for a client's certificate.
 */
clientCertificate?: string
/**
 * PEM without a passphrase: the private key of clientCertificate. Stored encrypted, never shown.
 */
clientKey?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "ping"
host: string
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "domain"
/**
 * The domain, or a host of it: example.com is asked for www.example.com.
 */
host: string
/**
 * With fewer days left it is as expiryIs says.
 */
minDaysLeft?: number
/**
 * What too few days left mean.
 */
expiryIs?: ("degraded" | "down")
/**
 * Base URL of the RDAP service to ask. Left out: the one that IANA lists for the top level.
 */
rdapServer?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "heartbeat"
periodSeconds?: number
graceSeconds?: number
/**
 * The key that its jobs call another monitor with, so that they need only our host name: the token of an Uptime Kuma push monitor, the UUID of a Healthchecks check, or the ping key of its project and its slug (key/slug), or key:token of a Gatus external endpoint (jobs_backup:its-token). Stored encrypted, never shown.
 */
formerKey?: string
})
}
}
responses: {
201: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
id: string
type: string
name: string
/**
 * What is checked, in one line.
 */
label: string
status: ("pending" | "up" | "degraded" | "down" | "paused")
statusSince: string
/**
 * Grows with each change of the configuration; the ETag.
 */
version: number
createdAt: string
updatedAt: string
/**
 * Of each masked value, by its field: what POST /digests answers for the same text.
 */
secretsDigest?: {
[k: string]: string
}
/**
 * For type heartbeat: where to ping. Shown only now.
 */
heartbeat?: {
key: string
url: string
}
[k: string]: unknown
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/targets/{id}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": Target
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
/**
 * Any fields of a target; null removes one.
 */
"application/json": {
[k: string]: unknown
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": Target
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/digests": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
/**
 * @maxItems 500
 */
texts: string[]
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
digests: string[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/targets/{id}/check": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
/**
 * As of a PATCH of the target: what is hidden stays as it is stored.
 */
"application/json": {
[k: string]: unknown
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": CheckResult
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/check": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": ({
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type?: "http"
url: string
method?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")
headers?: {
[k: string]: string
}
body?: string
/**
 * Codes and ranges that mean up, after redirects.
 * 
 * @minItems 1
 * @maxItems 50
 */
expectedStatuses?: (number | string)[]
/**
 * At most 10; headers of yours are dropped on another origin, and a body is not taken there.
 */
followRedirects?: boolean
/**
 * False accepts any certificate.
 */
verifyTls?: boolean
/**
 * Host to ask for, when it is not the URL's: a site behind an address or a load balancer. Its name is verified, too.
 */
hostHeader?: string
/**
 * Name to verify and to send as SNI, when it is neither the hostHeader's nor the URL's.
 */
servername?: string
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
/**
 * PEM, intermediates behind it, for a server that asks for a client's certificate.
 */
clientCertificate?: string
/**
 * PEM without a passphrase: the private key of clientCertificate. Stored encrypted, never shown.
 */
clientKey?: string
/**
 * An HTTP proxy to go through; the name of the target is then looked up by it.
 */
proxy?: string
/**
 * Header proxy-authorization, such as "Basic dXNlcjpzZWNyZXQ=". Stored encrypted, never shown.
 */
proxyAuthorization?: string
/**
 * Client credentials: a bearer token is got, kept for its life, and sent with each check.
 */
oauth2?: {
/**
 * The token endpoint.
 */
tokenUrl: string
clientId: string
clientSecret: string
/**
 * @maxItems 30
 */
scopes?: string[]
audience?: string
/**
 * How the client authenticates there: in the authorization header or in the form.
 */
tokenEndpointAuthMethod?: ("client_secret_basic" | "client_secret_post")
}
/**
 * auto speaks HTTP/1.1, and HTTP/2 with a server that knows no other; each check has a fresh connection.
 */
httpVersion?: ("2" | "auto" | "1.1")
/**
 * @maxItems 20
 */
assertions?: ({
kind: "bodyContains"
text: string
otherwise?: ("degraded" | "down")
} | {
kind: "bodyLacks"
text: string
otherwise?: ("degraded" | "down")
} | {
kind: "body"
operator: ("eq" | "ne" | "contains" | "lacks" | "matches" | "notMatches")
value: string
otherwise?: ("degraded" | "down")
} | {
kind: "jsonPath"
/**
 * With [*], the assertion must hold for every value, and there must be one.
 */
path: string
operator?: ("eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "contains" | "lacks" | "matches" | "notMatches" | "in" | "exists")
value?: ((string | number | boolean | null) | (string | number | boolean | null)[])
otherwise?: ("degraded" | "down")
} | {
kind: "header"
name: string
operator?: ("eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "contains" | "lacks" | "matches" | "notMatches" | "in" | "exists")
value?: ((string | number | boolean | null) | (string | number | boolean | null)[])
otherwise?: ("degraded" | "down")
} | {
kind: "responseTime"
maxMs: number
otherwise?: ("degraded" | "down")
} | {
kind: "certificate"
minDaysLeft: number
otherwise?: ("degraded" | "down")
})[]
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "tcp"
host: string
port: number
/**
 * Text to send once connected, such as a command with its line end.
 */
send?: string
/**
 * A pattern (RE2) that must occur in what the server sends, its greeting or its answer to `send`; waited for until the timeout, in the first 4 KiB.
 */
banner?: string
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "dns"
/**
 * A name; for PTR an address, too.
 */
host: string
recordType?: ("A" | "AAAA" | "CAA" | "CNAME" | "MX" | "NS" | "PTR" | "SOA" | "SRV" | "TXT")
/**
 * In the words of `dig +short`, such as `10 mail.example.com`; quotes and the dot at the end may be left out.
 * 
 * @maxItems 20
 */
expectedRecords?: string[]
/**
 * all: each expected record is among the answers; any: one of them; exactly: all of them and no other.
 */
match?: ("all" | "any" | "exactly")
/**
 * NXDOMAIN: up while the name does not exist.
 */
expectedRcode?: ("NOERROR" | "NXDOMAIN" | "SERVFAIL" | "REFUSED")
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "tls"
host: string
port?: number
/**
 * Name to verify and to send as SNI, when it is not the host.
 */
servername?: string
/**
 * The protocol in which the server agrees on TLS.
 */
startTls?: ("smtp" | "imap" | "pop3" | "ftp" | "ldap" | "postgres" | "mysql")
/**
 * False accepts any certificate; how long it lasts is judged all the same.
 */
verifyTls?: boolean
/**
 * With fewer days left it is as expiryIs says.
 */
minDaysLeft?: number
/**
 * What too few days left mean.
 */
expiryIs?: ("degraded" | "down")
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
/**
 * PEM, intermediates behind it, for a server that asks for a client's certificate.
 */
clientCertificate?: string
/**
 * PEM without a passphrase: the private key of clientCertificate. Stored encrypted, never shown.
 */
clientKey?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "websocket"
url: string
headers?: {
[k: string]: string
}
/**
 * A text message to send.
 */
send?: string
/**
 * A pattern (RE2) that must occur in one of the first messages from the server; waited for until the timeout.
 */
answer?: string
/**
 * False accepts any certificate.
 */
verifyTls?: boolean
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "grpc"
host: string
port: number
/**
 * Whose health is asked for; empty: the server's as a whole.
 */
service?: string
/**
 * False speaks in plain text.
 */
tls?: boolean
/**
 * Name to verify and to send as SNI, when it is not the host.
 */
servername?: string
/**
 * False accepts any certificate.
 */
verifyTls?: boolean
/**
 * Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.
 * 
 * @maxItems 10
 */
certificateWarningDays?: number[]
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
/**
 * PEM, intermediates behind it, for a server that asks for a client's certificate.
 */
clientCertificate?: string
/**
 * PEM without a passphrase: the private key of clientCertificate. Stored encrypted, never shown.
 */
clientKey?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "ping"
host: string
/**
 * The name server to ask instead of the machine's own.
 */
resolver?: string
/**
 * Only addresses of IPv4 or of IPv6. Left out: both.
 */
ipFamily?: (4 | 6)
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "domain"
/**
 * The domain, or a host of it: example.com is asked for www.example.com.
 */
host: string
/**
 * With fewer days left it is as expiryIs says.
 */
minDaysLeft?: number
/**
 * What too few days left mean.
 */
expiryIs?: ("degraded" | "down")
/**
 * Base URL of the RDAP service to ask. Left out: the one that IANA lists for the top level.
 */
rdapServer?: string
} | {
/**
 * Unique among targets; case does not count.
 */
name: string
/**
 * Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.
 */
intervalSeconds?: number
/**
 * Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.
 */
timeoutMs?: number
/**
 * Further attempts within the round, 2 s apart, unless the target is down already.
 */
retries?: number
/**
 * A slower check is degraded, or what slowIs says.
 */
latencyLimitMs?: number
/**
 * What a check slower than latencyLimitMs is.
 */
slowIs?: ("degraded" | "down")
/**
 * down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.
 */
expect?: ("up" | "down")
/**
 * Failing checks that make the target down.
 */
failureThreshold?: number
/**
 * Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive.
 */
failureWindow?: number
/**
 * Consecutive good checks that end a down.
 */
successThreshold?: number
/**
 * With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.
 */
flapThreshold?: number
/**
 * How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.
 */
slo?: {
objectivePercent: number
windowDays?: number
}
/**
 * @maxItems 20
 */
tags?: string[]
group?: string
/**
 * Not checked while true; what was down before starts anew.
 */
paused?: boolean
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * Ids of the channels to alert, of GET /channels. Left out: all that are for it.
 * 
 * @maxItems 20
 */
channels?: string[]
/**
 * Targets without which this one cannot be up: its alerts are hidden while one of them is down.
 * 
 * @maxItems 10
 */
dependsOn?: string[]
/**
 * Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.
 */
confirm?: {
/**
 * The deployment's probe regions that are asked.
 */
from?: ("all" | string[])
/**
 * Places that must see it down, this one included. 1: nobody is asked.
 */
agree?: number
}
/**
 * The deployment's probe regions that check it as well, for its latency from there: they decide nothing.
 * 
 * @minItems 1
 * @maxItems 20
 */
from?: string[]
/**
 * Every so many checks, the places in `from` make one. Left out: 10.
 */
fromEvery?: number
/**
 * The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is.
 */
degradedIsIncident?: boolean
/**
 * While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once.
 */
remindEverySeconds?: number
/**
 * Each reminder comes after twice the time of the one before, a day at most.
 */
remindGrowing?: boolean
/**
 * Who is told besides, when it is in an incident for so long and nobody has acknowledged it.
 * 
 * @maxItems 5
 */
escalation?: {
afterMinutes: number
/**
 * @minItems 1
 * @maxItems 20
 */
channels: string[]
}[]
type: "heartbeat"
periodSeconds?: number
graceSeconds?: number
/**
 * The key that its jobs call another monitor with, so that they need only our host name: the token of an Uptime Kuma push monitor, the UUID of a Healthchecks check, or the ping key of its project and its slug (key/slug), or key:token of a Gatus external endpoint (jobs_backup:its-token). Stored encrypted, never shown.
 */
formerKey?: string
})
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": CheckResult
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/targets/{id}/checks": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
limit?: number
cursor?: string
from?: string
to?: string
status?: string
}
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Check[]
/**
 * Cursor of the next page; null on the last.
 */
next: (string | null)
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/targets/{id}/opinions": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
limit?: number
from?: string
to?: string
}
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Opinion[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/targets/{id}/summary": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
target: {
id: string
name: string
}
status: string
windows: {
[k: string]: SummaryWindow
}
slo: ({
objectivePercent: number
windowDays: number
/**
 * Of all of its days, known or not.
 */
budgetSeconds: number
spentSeconds: number
/**
 * Below 0 when more was spent than there is.
 */
leftPercent: (number | null)
burning: (("fast" | "medium" | "slow") | null)
} | null)
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/reports/uptime": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
from?: string
to?: string
month?: string
timeZone?: string
tag?: string
group?: string
format?: ("json" | "csv")
}
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
from: string
/**
 * Not later than what is rolled up: at most some minutes ago.
 */
to: string
rules: {
[k: string]: string
}
targets: {
id: string
name: string
group: (string | null)
uptimePercent: (number | null)
upSeconds: number
degradedSeconds: number
downSeconds: number
unknownSeconds: number
maintenanceSeconds: number
pausedSeconds: number
incidents: number
detectSeconds: (number | null)
recoverSeconds: (number | null)
/**
 * Of a group: the one that all its targets with an objective have.
 */
objectivePercent: (number | null)
/**
 * Null without an objective.
 */
budgetSeconds: (number | null)
/**
 * Below 0 when more was spent than there is.
 */
budgetLeftPercent: (number | null)
}[]
groups: {
group: string
targets: number
uptimePercent: (number | null)
upSeconds: number
degradedSeconds: number
downSeconds: number
unknownSeconds: number
maintenanceSeconds: number
pausedSeconds: number
incidents: number
detectSeconds: (number | null)
recoverSeconds: (number | null)
/**
 * Of a group: the one that all its targets with an objective have.
 */
objectivePercent: (number | null)
/**
 * Null without an objective.
 */
budgetSeconds: (number | null)
/**
 * Below 0 when more was spent than there is.
 */
budgetLeftPercent: (number | null)
}[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/targets/{id}/series": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
range?: ("24h" | "7d" | "30d" | "90d" | "1y")
}
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
/**
 * Epoch seconds.
 */
from: number
to: number
stepSeconds: number
points: {
/**
 * Epoch seconds of its begin.
 */
at: number
upSeconds: number
degradedSeconds: number
downSeconds: number
/**
 * Time in maintenance, which counts as nothing else.
 */
maintenanceSeconds: number
checks: number
latencyMs: {
average: (number | null)
p50: (number | null)
p95: (number | null)
max: (number | null)
}
}[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/targets/{id}/alerts": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: {
at: string
kind: ("status" | "certificate" | "reminder" | "escalation" | "slo" | "acknowledged" | "unwatched" | "unacknowledged")
from: string
to: string
error: (string | null)
deliveries: {
channel: string
/**
 * folded: told by a later message; hidden: never told, and `error` says why.
 */
outcome: ("waiting" | "sent" | "failed" | "folded" | "hidden")
attempts: number
attemptedAt: string
nextAttemptAt: (string | null)
error: (string | null)
}[]
}[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/overview": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
roundSeconds: number
/**
 * What a check costs in this deployment; left out where it costs nothing.
 */
usdPerCheck?: number
/**
 * What one costs that another region makes for a target's `from`.
 */
usdPerLook?: number
monitor: {
lastRound: ({
/**
 * Epoch seconds.
 */
at: number
finishedAt: number
planned: number
checked: number
} | null)
/**
 * Since when rounds see nothing: nearly all fails to connect at once. Epoch seconds.
 */
blindSince?: number
/**
 * Whether the log refused rows for good.
 */
setAside: boolean
/**
 * Where the log sleeps: up to when hours and percentages are known, in epoch seconds. A look at a target's history wakes it.
 */
historyUntil?: number
/**
 * Without the log there are no hours, percentages and reasons.
 */
log: ("ok" | "unavailable")
}
counts: {
[k: string]: number
}
targets: {
id: string
name: string
type: string
group?: string
tags?: string[]
status: ("pending" | "up" | "degraded" | "down" | "paused")
/**
 * Epoch seconds.
 */
since: number
reason?: string
/**
 * The last 24 hours, oldest first, a letter each: down, g for degraded, up, - for unknown.
 */
hours?: string
/**
 * Percent of the known time of these hours.
 */
uptime?: (number | null)
}[]
}
}
}
304: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/checks/recent": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
limit?: number
cursor?: string
}
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Check[]
/**
 * Cursor of the next page; null on the last.
 */
next: (string | null)
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/incidents": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
limit?: number
cursor?: string
from?: string
to?: string
target?: string
tag?: string
group?: string
state?: ("open" | "closed")
}
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Incident[]
/**
 * Cursor of the next page; null on the last.
 */
next: (string | null)
manual: ManualIncident[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
title: string
severity?: ("down" | "degraded" | "notice")
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * What is known: the first update.
 */
text: string
status?: ("investigating" | "identified" | "monitoring" | "resolved")
/**
 * Whether status pages show it.
 */
public?: boolean
}
}
}
responses: {
201: {
headers: {
[k: string]: unknown
}
content: {
"application/json": ManualIncident
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/incidents/{id}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": (IncidentDetail | ManualIncident)
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch?: never
}
"/incidents/{id}/acknowledge": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
note?: string
until?: string
}
}
}
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch?: never
}
"/incidents/{id}/comment": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
text: string
}
}
}
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/incidents/{id}/updates": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
status: ("investigating" | "identified" | "monitoring" | "resolved")
text: string
/**
 * Whether status pages show it; as the incident, when left out.
 */
public?: boolean
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": (IncidentDetail | ManualIncident)
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/incidents/{id}/resolve": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
note?: string
}
}
}
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/acknowledge/{token}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
token: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"text/html": string
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
token: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"text/html": string
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/reports": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": ({
targetId: string
status?: ("up" | "degraded" | "down")
message?: string
latencyMs?: number
} | {
targetId: string
status?: ("up" | "degraded" | "down")
message?: string
latencyMs?: number
}[])
}
}
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/heartbeat/{key}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
post: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/heartbeat/{key}/{signal}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
key: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put: {
parameters: {
query?: never
header?: never
path: {
key: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
post: {
parameters: {
query?: never
header?: never
path: {
key: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
key: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
key: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/ping/{key}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
post: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/ping/{key}/{slugOrSignal}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
post: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/ping/{key}/{slugOrSignal}/{signal}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
post: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
key: string
slugOrSignal: string
signal: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/api/push/{key}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
post: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/api/v1/endpoints/{key}/external": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
post: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
key: string
}
cookie?: never
}
requestBody?: never
responses: {
202: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
accepted: number
ok: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/targets/{id}/heartbeat-key": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
key: string
url: string
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/tokens": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Token[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
name: string
role: ("viewer" | "editor" | "admin")
expiresAt?: string
}
}
}
responses: {
201: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
id: string
name: string
role: ("viewer" | "editor" | "admin")
createdAt: string
expiresAt: (string | null)
/**
 * To within 10 minutes.
 */
lastUsedAt: (string | null)
token: string
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/tokens/{id}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post?: never
delete: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch?: never
}
"/audit": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: {
limit?: number
cursor?: string
what?: string
}
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: AuditEntry[]
/**
 * Cursor of the next page; null on the last.
 */
next: (string | null)
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/me": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
id: string
role: (("viewer" | "editor" | "admin") | null)
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/metrics": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/openmetrics-text": string
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/maintenance": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Maintenance[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
/**
 * Status pages show it, of a maintenance.
 */
name: string
/**
 * A silence holds alerts back in the same way, and is no maintenance to reports and status pages.
 */
kind?: ("maintenance" | "silence")
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 20
 */
tags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
all?: boolean
once?: {
from: string
to: string
}
weekly?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
at: string
durationMinutes: number
}
/**
 * Of `weekly`. A time that clocks skip begins when they change; one they show twice, at the first.
 */
timeZone?: string
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
}
}
}
responses: {
201: {
headers: {
[k: string]: unknown
}
content: {
"application/json": Maintenance
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/targets/{id}/silence": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
until: string
name?: string
}
}
}
responses: {
201: {
headers: {
[k: string]: unknown
}
content: {
"application/json": Maintenance
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/maintenance/calendar": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query: {
from: string
to: string
}
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: {
/**
 * Of its window.
 */
id: string
name: string
kind: ("maintenance" | "silence")
from: string
to: string
}[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/maintenance/{id}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post?: never
delete: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
/**
 * Any fields of a window.
 */
"application/json": {
[k: string]: unknown
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": Maintenance
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/channels": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: Channel[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": ({
/**
 * Unique among channels; case does not count.
 */
name: string
type: "discord"
settings: {
webhookUrl: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "slack"
settings: {
/**
 * Of an incoming webhook; or botToken and channel.
 */
webhookUrl?: string
/**
 * Of an app with the scope chat:write, which can change its messages (living).
 */
botToken?: string
/**
 * Where the bot writes: the channel's id or name. The bot must be in it.
 */
channel?: string
apiUrl?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "teams"
settings: {
webhookUrl: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "google-chat"
settings: {
webhookUrl: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "mattermost"
settings: {
webhookUrl: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "matrix"
settings: {
homeserver: string
roomId: string
accessToken: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "telegram"
settings: {
botToken: string
chatId: string
apiUrl?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "email"
settings: {
from: string
/**
 * @minItems 1
 * @maxItems 50
 */
to: string[]
smtpUrl?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "ntfy"
settings: {
server?: string
topic: string
accessToken?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "gotify"
settings: {
server: string
appToken: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "pushover"
settings: {
appToken: string
userKey: string
apiUrl?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "twilio"
settings: {
accountSid: string
authToken: string
from: string
to: string
apiUrl?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "sns"
settings: {
/**
 * In AWS the deployment's setting snsTopics names it, too.
 */
topicArn: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "pagerduty"
settings: {
routingKey: string
apiUrl?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "opsgenie"
settings: {
apiKey: string
apiUrl?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
} | {
/**
 * Unique among channels; case does not count.
 */
name: string
type: "webhook"
settings: {
/**
 * What stands behind the host may hold {{title}} and the like, as the template does: for services that are called by GET.
 */
url: string
secret?: string
/**
 * GET sends no body.
 */
method?: ("POST" | "PUT" | "PATCH" | "GET")
/**
 * Sent besides; content-type decides how values are escaped in the template.
 */
headers?: {
[k: string]: string
}
/**
 * Mustache, of one alert: {{title}}, {{reason}}, {{text}}, {{kind}}, {{name}}, {{label}}, {{group}}, {{from}}, {{to}}, {{since}}, {{link}}, {{acknowledgeLink}}, {{id}}, {{#tags}}…{{/tags}}. Left out: our own JSON.
 */
template?: string
}
/**
 * Which alerts it gets of targets that name no channels themselves; left out: all.
 */
match?: {
/**
 * Targets with one of these tags.
 * 
 * @maxItems 20
 */
anyTag?: string[]
/**
 * Targets with each of these tags.
 * 
 * @maxItems 20
 */
allTags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
/**
 * @maxItems 200
 */
targets?: string[]
/**
 * @maxItems 6
 */
severities?: ("down" | "degraded" | "recovered" | "certificate" | "slo" | "monitor")[]
}
/**
 * When it may be used; left out: always.
 */
hours?: {
/**
 * @minItems 1
 * @maxItems 7
 */
days: ("sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday")[]
from: string
/**
 * Of the next day, where it is not after `from`.
 */
to: string
timeZone?: string
/**
 * What becomes of an alert outside of them: told when they begin, or never.
 */
outside?: ("hold" | "drop")
}
/**
 * Told nothing while true, and nothing of it later.
 */
paused?: boolean
/**
 * More alerts than this in one round become one message that counts them.
 */
digestAbove?: number
/**
 * Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.
 */
living?: ("message" | "edit" | "both")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
})
}
}
responses: {
201: {
headers: {
[k: string]: unknown
}
content: {
"application/json": ChannelConfig
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/channels/{id}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post?: never
delete: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
/**
 * Any fields of a channel.
 */
"application/json": {
[k: string]: unknown
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": ChannelConfig
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/channels/{id}/test": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path: {
id: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
delivered: boolean
/**
 * What the service said, or why it was not asked.
 */
error: (string | null)
/**
 * Whether trying again is of no use.
 */
permanent: boolean
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/status-pages": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
items: StatusPage[]
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
/**
 * What its address ends with; it stays: make another page for another address.
 */
slug: string
title: string
description?: string
/**
 * A data URL: PNG, JPEG, WebP or GIF, 64 KiB.
 */
logo?: string
/**
 * Colour of the line on top.
 */
accent?: string
scheme?: ("auto" | "light" | "dark")
/**
 * In which days begin, at a whole hour of UTC.
 */
timeZone?: string
/**
 * An unlisted page has an address that nobody guesses, and is no search engine's.
 */
visibility?: ("public" | "unlisted")
/**
 * Asks search engines to leave it out.
 */
noindex?: boolean
historyDays?: number
/**
 * What an incident shows: when it was; or also what kind of failure it was, in general words. Never a check's own.
 */
incidentDetail?: ("times" | "cause")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * @minItems 1
 * @maxItems 50
 */
sections: {
name: string
/**
 * @maxItems 200
 */
targets?: {
id: string
/**
 * What the public calls it; its own name when left out.
 */
name?: string
}[]
/**
 * @maxItems 20
 */
tags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
}[]
}
}
}
responses: {
201: {
headers: {
[k: string]: unknown
}
content: {
"application/json": StatusPage
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/status-page-preview": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get?: never
put?: never
post: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
/**
 * What its address ends with; it stays: make another page for another address.
 */
slug?: string
title: string
description?: string
/**
 * A data URL: PNG, JPEG, WebP or GIF, 64 KiB.
 */
logo?: string
/**
 * Colour of the line on top.
 */
accent?: string
scheme?: ("auto" | "light" | "dark")
/**
 * In which days begin, at a whole hour of UTC.
 */
timeZone?: string
/**
 * An unlisted page has an address that nobody guesses, and is no search engine's.
 */
visibility?: ("public" | "unlisted")
/**
 * Asks search engines to leave it out.
 */
noindex?: boolean
historyDays?: number
/**
 * What an incident shows: when it was; or also what kind of failure it was, in general words. Never a check's own.
 */
incidentDetail?: ("times" | "cause")
/**
 * Which file it comes from, and under which key: what `server-tracker apply` keeps.
 */
managed?: {
project: string
key: string
}
/**
 * @minItems 1
 * @maxItems 50
 */
sections: {
name: string
/**
 * @maxItems 200
 */
targets?: {
id: string
/**
 * What the public calls it; its own name when left out.
 */
name?: string
}[]
/**
 * @maxItems 20
 */
tags?: string[]
/**
 * With the groups in them: Shop is Shop / Backend, too.
 * 
 * @maxItems 20
 */
groups?: string[]
}[]
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
html: string
css: string
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
delete?: never
patch?: never
}
"/status-pages/{slug}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
slug: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": StatusPage
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete: {
parameters: {
query?: never
header?: never
path: {
slug: string
}
cookie?: never
}
requestBody?: never
responses: {
204: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
patch: {
parameters: {
query?: never
header?: never
path: {
slug: string
}
cookie?: never
}
requestBody: {
headers: {
[k: string]: unknown
}
content: {
/**
 * Any fields of a page but its slug.
 */
"application/json": {
[k: string]: unknown
}
}
}
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": StatusPage
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
}
"/health": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
status: ("ok" | "degraded" | "unavailable")
version: string
roundSeconds: number
lastRound: ({
at: string
finishedAt: string
ageSeconds: number
planned: number
checked: number
failedShards: number
/**
 * Since when rounds see nothing: nearly all fails to connect at once.
 */
blindSince: (string | null)
} | null)
stores: {
state: ("ok" | "unavailable")
/**
 * `asleep` is no trouble: rows wait for its hour.
 */
log: ("ok" | "asleep" | "unavailable")
}
/**
 * Of the log: whether some wait for it, and whether it refused some for good; null when that cannot be told.
 */
rows: ({
waiting: boolean
setAside: boolean
} | null)
}
}
}
503: {
headers: {
[k: string]: unknown
}
content?: never
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/openapi.json": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"application/json": {
openapi: string
[k: string]: unknown
}
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/docs": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"text/html": string
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
"/docs/{file}": {
parameters: {
query?: never
header?: never
path?: never
cookie?: never
}
get: {
parameters: {
query?: never
header?: never
path: {
file: string
}
cookie?: never
}
requestBody?: never
responses: {
200: {
headers: {
[k: string]: unknown
}
content: {
"text/plain": string
}
}
default: {
headers: {
[k: string]: unknown
}
content: {
"application/problem+json": Problem
}
}
}
}
put?: never
post?: never
delete?: never
patch?: never
}
}
/**
 * The configuration's fields stand beside these; header values and the body are masked.
 * 
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Target".
 */
export interface Target {
id: string
type: string
name: string
/**
 * What is checked, in one line.
 */
label: string
status: ("pending" | "up" | "degraded" | "down" | "paused")
statusSince: string
/**
 * Grows with each change of the configuration; the ETag.
 */
version: number
createdAt: string
updatedAt: string
/**
 * Of each masked value, by its field: what POST /digests answers for the same text.
 */
secretsDigest?: {
[k: string]: string
}
[k: string]: unknown
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Problem".
 */
export interface Problem {
type: string
title: string
status: number
detail: string
errors?: {
field: string
message: string
}[]
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "CheckResult".
 */
export interface CheckResult {
status: ("up" | "degraded" | "down")
error: ({
class: string
text: string
} | null)
note: (string | null)
httpStatus: (number | null)
latencyMs: (number | null)
phases: {
dnsMs: (number | null)
connectMs: (number | null)
tlsMs: (number | null)
ttfbMs: (number | null)
transferMs: (number | null)
}
address: (string | null)
/**
 * Of all hops and their chains, the one that ends first.
 */
certificate: ({
daysLeft: number
what: string
} | null)
/**
 * All that peers showed, their own certificate first; also of a peer that was refused for it.
 */
chains: {
/**
 * The name that was asked for.
 */
of: string
certificates: {
name: string
issuer: string
names: string[]
validFrom: string
validTo: string
daysLeft: number
/**
 * SHA-256.
 */
fingerprint: string
}[]
}[]
/**
 * What each assertion asked for and saw, in their order; none where the answer was not looked at.
 */
assertions: {
what: string
holds: boolean
saw: string
}[]
/**
 * Redirects included, oldest first.
 */
requests: {
url: string
status: number
}[]
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Check".
 */
export interface Check {
/**
 * The round's mark.
 */
at: string
target: {
id: string
name: string
}
status: ("up" | "degraded" | "down")
attempts: number
passedAfterRetry: boolean
httpStatus: (number | null)
error: ({
class: string
text: string
} | null)
/**
 * What there is to say of a check without an error, such as that its body was cut.
 */
note: (string | null)
latencyMs: (number | null)
phases: {
dnsMs: (number | null)
connectMs: (number | null)
tlsMs: (number | null)
ttfbMs: (number | null)
transferMs: (number | null)
}
address: (string | null)
certificateDaysLeft: (number | null)
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Opinion".
 */
export interface Opinion {
/**
 * The round's mark.
 */
at: string
region: string
/**
 * null: nobody there could be asked, and error says why.
 */
status: (("up" | "degraded" | "down") | null)
error: (string | null)
httpStatus: (number | null)
latencyMs: (number | null)
phases: {
dnsMs: (number | null)
connectMs: (number | null)
tlsMs: (number | null)
ttfbMs: (number | null)
transferMs: (number | null)
}
address: (string | null)
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "SummaryWindow".
 */
export interface SummaryWindow {
from: string
/**
 * Up and degraded, of the time that is known; null when nothing is.
 */
uptimePercent: (number | null)
/**
 * Share of the time neither paused nor in maintenance that checks account for. The rest is unknown: neither up nor down.
 */
knownPercent: number
upSeconds: number
degradedSeconds: number
downSeconds: number
unknownSeconds: number
/**
 * In maintenance windows, in steps of 5 minutes: no part of the others, and in no percentage.
 */
maintenanceSeconds: number
pausedSeconds: number
checks: number
/**
 * Checks that needed more than one attempt.
 */
retried: number
latencyMs: {
average: (number | null)
p50: (number | null)
p95: (number | null)
p99: (number | null)
max: (number | null)
}
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Incident".
 */
export interface Incident {
/**
 * The target's id, a dot, and the second at which it began.
 */
id: string
target: {
id: string
name: string
}
startedAt: string
detectedAt: string
endedAt: (string | null)
/**
 * The status that ended it: up, degraded, down, paused or deleted.
 */
endedBy: (string | null)
durationSeconds: number
error: ({
class: string
text: string
} | null)
httpStatus: (number | null)
/**
 * degraded: of a target whose degradedIsIncident is true.
 */
severity: ("down" | "degraded")
/**
 * Who takes care of it: while it is so, nobody is reminded of it.
 */
acknowledged: ({
at: string
by: string
} | null)
}
/**
 * One that somebody opened, for what no check sees.
 * 
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "ManualIncident".
 */
export interface ManualIncident {
id: string
title: string
severity: ("down" | "degraded" | "notice")
status: ("investigating" | "identified" | "monitoring" | "resolved")
targets: string[]
public: boolean
startedAt: string
endedAt: (string | null)
version: number
updates: {
at: string
by: string
status: ("investigating" | "identified" | "monitoring" | "resolved")
text: string
public: boolean
}[]
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "IncidentDetail".
 */
export interface IncidentDetail {
/**
 * The target's id, a dot, and the second at which it began.
 */
id: string
target: {
id: string
name: string
}
startedAt: string
detectedAt: string
endedAt: (string | null)
/**
 * The status that ended it: up, degraded, down, paused or deleted.
 */
endedBy: (string | null)
durationSeconds: number
error: ({
class: string
text: string
} | null)
httpStatus: (number | null)
/**
 * degraded: of a target whose degradedIsIncident is true.
 */
severity: ("down" | "degraded")
/**
 * Who takes care of it: while it is so, nobody is reminded of it.
 */
acknowledged: ({
at: string
by: string
} | null)
/**
 * Oldest first.
 */
timeline: {
at: string
what: ("failed" | "opened" | "told" | "not told" | "reminded" | "escalated" | "acknowledged" | "unacknowledged" | "commented" | "published" | "resolved" | "ended")
/**
 * Who did it, or the channel that was told.
 */
who: (string | null)
text: (string | null)
}[]
firstFailingCheck: (Check | null)
/**
 * Of the day before it began.
 */
lastGoodCheck: (Check | null)
/**
 * What probe regions saw while it began, the newest first.
 */
opinions: Opinion[]
/**
 * What else went down in the same round; the first 20.
 */
others: {
id: string
name: string
}[]
othersCount: number
/**
 * The round that decided it: less checked than planned is the monitor's own trouble.
 */
round: ({
planned: number
checked: number
down: number
} | null)
/**
 * What channels were told, the newest first, and what not and why.
 */
alerts: {
at: string
kind: ("status" | "certificate" | "reminder" | "escalation" | "slo" | "acknowledged" | "unwatched" | "unacknowledged")
from: string
to: string
error: (string | null)
deliveries: {
channel: string
/**
 * folded: told by a later message; hidden: never told, and `error` says why.
 */
outcome: ("waiting" | "sent" | "failed" | "folded" | "hidden")
attempts: number
attemptedAt: string
nextAttemptAt: (string | null)
error: (string | null)
}[]
}[]
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Token".
 */
export interface Token {
id: string
name: string
role: ("viewer" | "editor" | "admin")
createdAt: string
expiresAt: (string | null)
/**
 * To within 10 minutes.
 */
lastUsedAt: (string | null)
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "AuditEntry".
 */
export interface AuditEntry {
id: string
at: string
/**
 * `api-key`, `token:<id>` or `user:<subject>`.
 */
who: string
/**
 * The operation, such as `updateTarget`.
 */
action: string
/**
 * The kind of thing, a colon, and its id, such as `target:<id>`.
 */
what: string
before: unknown
after: unknown
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Maintenance".
 */
export interface Maintenance {
id: string
name: string
active: boolean
/**
 * The one that runs, or the next; null when it is over.
 */
next: ({
from: string
to: string
} | null)
version: number
createdAt: string
/**
 * When what decides when it is, and of what, was last changed.
 */
effectiveFrom?: string
[k: string]: unknown
}
/**
 * One that was made here has the fields of its input besides; what is secret of its settings is masked.
 * 
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "Channel".
 */
export interface Channel {
/**
 * What targets name it by.
 */
id: string
name: string
type: string
/**
 * Where it is configured: those of the settings are changed there.
 */
source: ("settings" | "api")
healthy: boolean
unhealthySince: (string | null)
error: (string | null)
/**
 * Of the last week.
 */
lastSentAt: (string | null)
/**
 * Alerts that it took within the last week; null while the log is away.
 */
sent: (number | null)
/**
 * Alerts of the last week that it never will take.
 */
failed: (number | null)
/**
 * The last five of the week, the newest first.
 */
lastDeliveries: {
/**
 * When the channel was asked last.
 */
at: string
target: {
id: string
name: string
}
kind: ("status" | "certificate" | "reminder" | "escalation" | "slo" | "acknowledged" | "unwatched" | "unacknowledged")
/**
 * The status that is told.
 */
to: string
outcome: ("waiting" | "sent" | "failed" | "folded" | "hidden")
error: (string | null)
}[]
[k: string]: unknown
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "ChannelConfig".
 */
export interface ChannelConfig {
id: string
name: string
type: string
version: number
[k: string]: unknown
}
/**
 * This interface was referenced by `Paths`'s JSON-Schema
 * via the `definition` "StatusPage".
 */
export interface StatusPage {
slug: string
title: string
visibility: ("public" | "unlisted")
/**
 * Where it is published, on the page's own host: with the next round.
 */
path: string
version: number
createdAt: string
updatedAt: string
[k: string]: unknown
}
