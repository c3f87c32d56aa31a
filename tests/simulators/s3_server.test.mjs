// Checks the S3 simulator with signers that we did not write: aws4, and Amazon's own client and presigner.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import http from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, HeadObjectCommand,
  ListObjectsV2Command, PutObjectCommand, S3Client, UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import aws4 from "aws4";

const KEY = "AKIDTEST";
const SECRET = "a-secret/with+signs=";
const REGION = "eu-test-1";
let simulator, port;

before(async () => {
  const program = fileURLToPath(new URL("s3_server.py", import.meta.url));
  simulator = spawn("/usr/bin/python3", [program, "--access-key", KEY, "--secret", SECRET, "--region", REGION], { stdio: ["pipe", "pipe", "inherit"] });
  port = Number(await new Promise((resolve, reject) => {
    simulator.stdout.once("data", (text) => resolve(String(text)));
    simulator.once("exit", () => reject(new Error("the simulator ended")));
  }));
});
after(() => simulator.kill());

// Sends what aws4 signed, after `change` had its hands on it; answers the status and the error code.
function exchange(options, { credentials = { accessKeyId: KEY, secretAccessKey: SECRET }, change = () => {} } = {}) {
  const request = { service: "s3", region: REGION, host: `127.0.0.1:${port}`, ...options, headers: { ...options.headers } };
  aws4.sign(request, credentials);
  change(request);
  const { host, body, ...rest } = request;
  return new Promise((resolve, reject) => {
    const sent = http.request({ ...rest, hostname: "127.0.0.1", port, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: answer.statusCode, text, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function amzDate(minutes) {
  return new Date(Date.now() + minutes * 60_000).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

const put = { method: "PUT", path: "/box/a%20b/c.txt", body: "hello", headers: { "content-type": "text/plain", "x-amz-meta-x": "y" } };

test("what aws4 signed is taken, by header and by query", async () => {
  assert.equal((await exchange(put)).status, 200);
  assert.equal((await exchange({ method: "GET", path: "/box/a%20b/c.txt" })).text, "hello");
  assert.equal((await exchange({ method: "GET", path: "/box?list-type=2&prefix=a%20b%2F&max-keys=2" })).status, 200);
  assert.equal((await exchange({ method: "GET", path: "/box/a%20b/c.txt?X-Amz-Expires=60", signQuery: true })).text, "hello");
});

test("a wrong secret, an unknown key and another region are refused", async () => {
  const wrong = await exchange(put, { credentials: { accessKeyId: KEY, secretAccessKey: SECRET + "x" } });
  assert.deepEqual([wrong.status, wrong.code], [403, "SignatureDoesNotMatch"]);
  assert.equal((await exchange(put, { credentials: { accessKeyId: "AKIDOTHER", secretAccessKey: SECRET } })).code, "InvalidAccessKeyId");
  assert.equal((await exchange({ ...put, region: "us-east-1" })).code, "AuthorizationHeaderMalformed");
});

test("a changed byte anywhere is refused", async () => {
  const changes = {
    body: [(r) => { r.body = "hellp"; }, "XAmzContentSHA256Mismatch"],
    path: [(r) => { r.path = "/box/a%20b/d.txt"; }, "SignatureDoesNotMatch"],
    method: [(r) => { r.method = "DELETE"; }, "SignatureDoesNotMatch"],
    query: [(r) => { r.path += "?partNumber=1"; }, "SignatureDoesNotMatch"],
    "a signed header": [(r) => { r.headers["content-type"] = "text/html"; }, "SignatureDoesNotMatch"],
    "a header of Amazon's added": [(r) => { r.headers["x-amz-acl"] = "public-read"; }, "AccessDenied"],
    "no signature at all": [(r) => { delete r.headers.Authorization; }, "AccessDenied"],
  };
  for (const [what, [change, code]] of Object.entries(changes)) assert.equal((await exchange(put, { change })).code, code, what);
});

test("a clock that is more than fifteen minutes off is refused", async () => {
  const at = (minutes) => exchange({ ...put, headers: { ...put.headers, "X-Amz-Date": amzDate(minutes) } });
  assert.equal((await at(-20)).code, "RequestTimeTooSkewed");
  assert.equal((await at(20)).code, "RequestTimeTooSkewed");
  assert.equal((await at(-10)).status, 200);
});

test("an expired, a future, a changed and an overlong URL are refused", async () => {
  const url = (minutes, seconds, change) => exchange(
    { method: "GET", path: `/box/a%20b/c.txt?X-Amz-Expires=${seconds}&X-Amz-Date=${amzDate(minutes)}`, signQuery: true }, { change });
  assert.equal((await url(-1, 120)).status, 200);
  assert.equal((await url(-3, 120)).code, "AccessDenied");
  assert.equal((await url(20, 120)).code, "AccessDenied");
  assert.equal((await url(0, 604801)).code, "AuthorizationQueryParametersError");
  assert.equal((await url(-3, 120, (r) => { r.path = r.path.replace("Expires=120", "Expires=999"); })).code, "SignatureDoesNotMatch");
});

function client(options = {}) {
  return new S3Client({
    endpoint: `http://127.0.0.1:${port}`, region: REGION, forcePathStyle: true, maxAttempts: 1, requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED", credentials: { accessKeyId: KEY, secretAccessKey: SECRET }, ...options,
  });
}

test("Amazon's client puts, reads, lists and deletes", async () => {
  const s3 = client(), at = { Bucket: "box", Key: "sdk/é 1.txt" };
  await s3.send(new PutObjectCommand({ ...at, Body: Buffer.from("0123456789"), ContentType: "text/plain", ServerSideEncryption: "AES256", Metadata: { a: "b" } }));
  const got = await s3.send(new GetObjectCommand({ ...at, Range: "bytes=2-4" }));
  assert.equal(await got.Body.transformToString(), "234");
  assert.equal(got.ContentRange, "bytes 2-4/10");
  const head = await s3.send(new HeadObjectCommand(at));
  assert.deepEqual([head.ContentLength, head.ContentType, head.ServerSideEncryption, head.Metadata.a], [10, "text/plain", "AES256", "b"]);
  await s3.send(new PutObjectCommand({ ...at, Key: "sdk/2", Body: "x" }));
  const first = await s3.send(new ListObjectsV2Command({ Bucket: "box", Prefix: "sdk/", MaxKeys: 1 }));
  assert.deepEqual([first.IsTruncated, first.Contents[0].Key], [true, "sdk/2"]);
  const second = await s3.send(new ListObjectsV2Command({ Bucket: "box", Prefix: "sdk/", ContinuationToken: first.NextContinuationToken }));
  assert.deepEqual([second.IsTruncated, second.Contents[0].Key, second.Contents[0].Size], [false, at.Key, 10]);
  await s3.send(new DeleteObjectCommand(at));
  await assert.rejects(s3.send(new GetObjectCommand(at)), { name: "NoSuchKey" });
});

test("Amazon's client sends an object in parts; a part that is too small or missing is refused", async () => {
  const s3 = client(), at = { Bucket: "box", Key: "parts" };
  const part = (UploadId, PartNumber, size) => s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body: Buffer.alloc(size, PartNumber) }));
  const finish = (UploadId, Parts) => s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at, ContentType: "application/pdf" }));
  const tags = [(await part(UploadId, 1, 5 << 20)).ETag, (await part(UploadId, 2, 7)).ETag];
  await assert.rejects(finish(UploadId, [{ PartNumber: 1, ETag: tags[1] }]), { name: "InvalidPart" });
  await finish(UploadId, tags.map((ETag, i) => ({ PartNumber: i + 1, ETag })));
  assert.equal((await s3.send(new HeadObjectCommand(at))).ContentLength, (5 << 20) + 7);
  const small = (await s3.send(new CreateMultipartUploadCommand(at))).UploadId;
  const two = [(await part(small, 1, 7)).ETag, (await part(small, 2, 7)).ETag];
  await assert.rejects(finish(small, two.map((ETag, i) => ({ PartNumber: i + 1, ETag }))), { name: "EntityTooSmall" });
  await s3.send(new AbortMultipartUploadCommand({ ...at, UploadId: small }));
  await assert.rejects(part(small, 1, 7), { name: "NoSuchUpload" });
});

test("Amazon's presigner makes a URL that works until it expires, and for no other object", async () => {
  const s3 = client(), at = { Bucket: "box", Key: "sdk/signed" };
  await s3.send(new PutObjectCommand({ ...at, Body: "for everybody" }));
  const sign = (options) => getSignedUrl(s3, new GetObjectCommand({ ...at, ResponseContentDisposition: 'attachment; filename="a.txt"' }), options);
  const url = await sign({ expiresIn: 60 });
  const answer = await fetch(url);
  assert.equal(await answer.text(), "for everybody");
  assert.equal(answer.headers.get("content-disposition"), 'attachment; filename="a.txt"');
  assert.equal((await fetch(url.replace("sdk/signed", "sdk/signee"))).status, 403);
  assert.equal((await fetch(await sign({ expiresIn: 60, signingDate: new Date(Date.now() - 61_000) }))).status, 403);
});

test("a wrong secret of Amazon's client is refused", async () => {
  const s3 = client({ credentials: { accessKeyId: KEY, secretAccessKey: "wrong" } });
  await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: "box" })), { name: "SignatureDoesNotMatch" });
});
