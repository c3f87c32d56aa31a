// A mail server for the tests: the packages smtp-server and mailparser, which know nothing of us. Prints {"port": N} and then one line of
// JSON per mail that it took.
//
//   node mail_server.mjs --security starttls|tls --cert FILE --key FILE --user NAME --password WORD
//
// Recipients whose address begins with "gone" are refused for ever, those with "later" once.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

const text = { type: "string" };
const { values } = parseArgs({ options: { security: text, cert: text, key: text, user: text, password: text } });
const seen = new Set();

function refusal(code, words) {
  return Object.assign(new Error(words), { responseCode: code });
}

const server = new SMTPServer({
  secure: values.security === "tls",
  cert: readFileSync(values.cert),
  key: readFileSync(values.key),
  authMethods: ["PLAIN", "LOGIN"],
  onAuth(auth, session, done) {
    const good = session.secure && auth.username === values.user && auth.password === values.password;
    done(good ? null : refusal(535, "5.7.8 wrong name or password"), { user: auth.username });
  },
  onRcptTo({ address }, session, done) {
    if (address.startsWith("gone")) return done(refusal(550, `5.1.1 ${address} is unknown here`));
    if (address.startsWith("later") && !seen.has(address)) return seen.add(address), done(refusal(451, "4.3.0 try again"));
    done();
  },
  async onData(stream, session, done) {
    const mail = await simpleParser(stream);
    const { mailFrom, rcptTo } = session.envelope;
    const headers = Object.fromEntries(mail.headerLines.map(({ key, line }) => [key, line.slice(line.indexOf(":") + 1).trim()]));
    console.log(JSON.stringify({ user: session.user, tls: session.tlsOptions?.version ?? session.secure, from: mailFrom.address, to: rcptTo.map((one) => one.address),
      sender: mail.from.value, subject: mail.subject, text: mail.text, html: mail.html, headers, attachments: mail.attachments.length }));
    done();
  },
});
server.on("error", (error) => console.error(error.message));
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.server.address().port })));
