// Checks the Postmark simulator with Postmark's own client.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

import { Errors, ServerClient } from "postmark";

const TOKEN = "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11";
const mails = [];
let simulator, options;

before(async () => {
  simulator = spawn("/usr/bin/python3", [fileURLToPath(new URL("postmark_server.py", import.meta.url)), "--token", TOKEN], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: simulator.stdout });
  const port = await new Promise((resolve, reject) => {
    lines.once("line", (line) => {
      lines.on("line", (mail) => mails.push(JSON.parse(mail)));
      resolve(Number(line));
    });
    simulator.once("exit", () => reject(new Error("the simulator ended")));
  });
  options = { useHttps: false, requestHost: `127.0.0.1:${port}` };
});
after(() => simulator.kill());

const mail = (to, more = {}) => ({ From: '"Driftstack" <no-reply@example.com>', To: to, Subject: "Hello", TextBody: "Hi", HtmlBody: "<p>Hi</p>", MessageStream: "outbound", ...more });

// The first mail that the simulator printed: its line may come after its answer.
const printed = () => new Promise((resolve) => {
  const look = () => (mails.length > 0 ? resolve(mails[0]) : setTimeout(look, 10));
  look();
});
const send = (to, more, token = TOKEN) => new ServerClient(token, options).sendEmail(mail(to, more));

test("a mail is taken and comes out as it was sent", async () => {
  const answer = await send("ada@example.com", { Tag: "signup-verification", Headers: [{ Name: "X-PM-KeepID", Value: "true" }], Metadata: { mail_id: "1" } });
  assert.equal(answer.ErrorCode, 0);
  assert.equal(answer.To, "ada@example.com");
  assert.match(answer.MessageID, /^[0-9a-f-]{36}$/);
  const taken = await printed();
  assert.equal(taken.Subject, "Hello");
  assert.equal(taken.MessageStream, "outbound");
});

test("a wrong token is the client's InvalidAPIKeyError", async () => {
  await assert.rejects(send("ada@example.com", {}, "wrong"), (error) => error instanceof Errors.InvalidAPIKeyError && error.statusCode === 401);
});

const refusals = [
  ["inactive-1@example.com", Errors.InactiveRecipientsError, 422, 406], ["invalid-1@example.com", Errors.InvalidEmailRequestError, 422, 300],
  ["pending-1@example.com", Errors.ApiInputError, 422, 412], ["closed-1@example.com", Errors.ApiInputError, 422, 413],
  ["unconfirmed-1@example.com", Errors.ApiInputError, 422, 401], ["broke-1@example.com", Errors.ApiInputError, 422, 405],
];
for (const [to, kind, status, code] of refusals) {
  test(`${to} is refused with ${code}, as the client knows it`, async () => {
    await assert.rejects(send(to), (error) => error instanceof kind && error.statusCode === status && error.code === code);
  });
}

test("the client reads the inactive address out of the refusal", async () => {
  await assert.rejects(send("inactive-2@example.com"), (error) => error.recipients[0] === "inactive-2@example.com");
});

test("what passes by itself is refused once", async () => {
  await assert.rejects(send("later-1@example.com"), (error) => error instanceof Errors.InternalServerError);
  await assert.rejects(send("busy-1@example.com"), (error) => error instanceof Errors.RateLimitExceededError);
  await assert.rejects(send("strange-1@example.com"));
  for (const to of ["later-1@example.com", "busy-1@example.com", "strange-1@example.com"]) assert.equal((await send(to)).ErrorCode, 0);
});

test("a stream, a recipient or a member that Postmark does not know is refused", async () => {
  await assert.rejects(send("ada@example.com", { MessageStream: "nowhere" }), (error) => error.code === 1235);
  await assert.rejects(send("a@example.com,b@example.com"), (error) => error.code === 300);
  await assert.rejects(send("ada@example.com", { Surprise: 1 }), (error) => error.code === 403);
});

test("only mails that were taken are printed", async () => {
  await send("last@example.com");
  while (mails.at(-1)?.To !== "last@example.com") await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(mails.map(({ To }) => To), ["ada@example.com", "later-1@example.com", "busy-1@example.com", "strange-1@example.com", "last@example.com"]);
});
