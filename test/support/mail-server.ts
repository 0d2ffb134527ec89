import { SMTPServer } from "smtp-server";
import { onTestFinished } from "vitest";

/**
 * Serves SMTP until the test ends.
 * @param onMail told each mail, headers and text; @returns a code to refuse it with
 * @param unknown addresses that it takes no mail for
 * @returns its port
 */
export async function serveSmtp(onMail: (text: string) => number | undefined, unknown: readonly string[] = []): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo: ({ address }, _session, done) =>
      done(unknown.includes(address) ? Object.assign(new Error("no such user"), { responseCode: 550 }) : null),
    onData(stream, _session, done) {
      let text = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      stream.on("end", () => {
        const status = onMail(decoded(text));
        done(status === undefined ? null : Object.assign(new Error("refused"), { responseCode: status }));
      });
    },
  });
  onTestFinished(() => void server.close());
  return new Promise((resolve) => {
    const listening = server.listen(0, "127.0.0.1", () => {
      const address = listening.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

// Mail arrives in quoted-printable or base64, by what the text needs.
function decoded(mail: string): string {
  const [, head = "", body = ""] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(mail) ?? [];
  if (/transfer-encoding: base64/i.test(head)) return `${head}\n\n${Buffer.from(body, "base64").toString("utf8")}`;
  const bytes = body.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return `${head}\n\n${Buffer.from(bytes, "latin1").toString("utf8")}`;
}
