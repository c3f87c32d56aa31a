#!/usr/bin/env python3
"""A small S3 store in memory that believes nobody: it recomputes the signature of each request and refuses what differs.

    s3_server.py --access-key ID --secret KEY [--region us-east-1] [--bucket box] [--require-encryption] [--public]

Prints its port and serves until its standard input closes. Buckets are addressed in the path or in front of the host (box.localhost).
Written after "Authenticating Requests (AWS Signature Version 4)" and the API reference of Amazon S3; s3_server.test.mjs checks it with two
independent signers.

What tests use beside S3, without a signature:
    POST /_simulator/faults {"operation": "PutObject", "kind": "status"|"drop"|"late_error"|"lost_answer", "status": 503, "count": 2}
    GET  /_simulator/requests     what was asked so far: operation, status, code
    GET  /_simulator/objects      what is kept: key, headers
    GET  /_simulator/uploads      keys of multipart uploads that are neither completed nor given up
"""
import argparse
import datetime
import hashlib
import hmac
import http.server
import json
import re
import sys
import threading
import urllib.parse
import xml.etree.ElementTree
from xml.sax.saxutils import escape

SKEW = datetime.timedelta(minutes=15)  # RequestTimeTooSkewed
MIN_PART = 5 << 20                     # EntityTooSmall, for all parts but the last
MAX_EXPIRES = 604800
UNSIGNED = "UNSIGNED-PAYLOAD"
REFUSALS = {  # code: status
    "AccessDenied": 403, "AuthorizationHeaderMalformed": 400, "AuthorizationQueryParametersError": 400, "EntityTooSmall": 400, "InvalidAccessKeyId": 403,
    "InvalidArgument": 400, "InvalidPart": 400, "InvalidPartOrder": 400, "InvalidRange": 416, "MethodNotAllowed": 405, "NoSuchBucket": 404, "NoSuchKey": 404,
    "NoSuchUpload": 404, "NotImplemented": 501, "RequestTimeTooSkewed": 403, "SignatureDoesNotMatch": 403, "XAmzContentSHA256Mismatch": 400,
}


class Refused(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def encode(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-._~")


def moment(text):
    try:
        return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refused("AccessDenied") from None


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Request:
    """What came in: as sent and as read."""

    def __init__(self, method, target, headers, body):
        raw_path, _, raw_query = target.partition("?")
        self.method, self.body = method, body
        self.path = urllib.parse.unquote(raw_path)
        self.query = urllib.parse.parse_qsl(raw_query, keep_blank_values=True)
        self.headers = {}
        for name, value in headers.items():
            self.headers.setdefault(name.lower(), []).append(" ".join(value.split()))

    def header(self, name):
        return ",".join(self.headers[name]) if name in self.headers else None

    def parameter(self, name):
        return dict(self.query).get(name)

    def canonical(self, signed_headers, payload_hash):
        query = sorted((encode(name), encode(value)) for name, value in self.query if name != "X-Amz-Signature")
        lines = [self.method, encode(self.path, "/"), "&".join(f"{name}={value}" for name, value in query)]
        lines += [f"{name}:{self.header(name)}" for name in signed_headers]
        return "\n".join(lines + ["", ";".join(signed_headers), payload_hash])


class Verifier:
    """Knows one key."""

    def __init__(self, access_key, secret, region):
        self.access_key, self.secret, self.region = access_key, secret, region

    def check(self, request):
        """Passes or raises Refused."""
        if request.parameter("X-Amz-Algorithm") is not None:
            return self.check_query(request)
        if request.header("authorization") is None:
            raise Refused("AccessDenied")
        return self.check_header(request)

    def check_header(self, request):
        pattern = r"AWS4-HMAC-SHA256 +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})"
        match = re.fullmatch(pattern, request.header("authorization"))
        if not match:
            raise Refused("AuthorizationHeaderMalformed")
        credential, signed_headers, signature = match.groups()
        time, payload_hash = request.header("x-amz-date"), request.header("x-amz-content-sha256")
        if time is None or payload_hash is None:
            raise Refused("AccessDenied")
        if abs(now() - moment(time)) > SKEW:
            raise Refused("RequestTimeTooSkewed")
        self.check_scope(credential, time, "AuthorizationHeaderMalformed")
        names = signed_headers.split(";")
        must = {"host"} | {name for name in request.headers if name.startswith("x-amz-")} | ({"content-type"} & set(request.headers))
        self.check_names(request, names, must)
        self.check_signature(request, names, payload_hash, time, signature)
        if payload_hash.startswith("STREAMING-"):
            raise Refused("NotImplemented")
        if payload_hash != UNSIGNED and payload_hash != hashlib.sha256(request.body).hexdigest():
            raise Refused("XAmzContentSHA256Mismatch")

    def check_query(self, request):
        values = {name: request.parameter("X-Amz-" + name) for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")}
        if None in values.values() or values["Algorithm"] != "AWS4-HMAC-SHA256" or not values["Expires"].isdigit():
            raise Refused("AuthorizationQueryParametersError")
        seconds = int(values["Expires"])
        if not 1 <= seconds <= MAX_EXPIRES:
            raise Refused("AuthorizationQueryParametersError")
        begin = moment(values["Date"])
        if now() < begin - SKEW or now() > begin + datetime.timedelta(seconds=seconds):
            raise Refused("AccessDenied")
        self.check_scope(values["Credential"], values["Date"], "AuthorizationQueryParametersError")
        names = values["SignedHeaders"].split(";")
        self.check_names(request, names, {"host"} | {name for name in request.headers if name.startswith("x-amz-")})
        payload_hash = request.parameter("X-Amz-Content-Sha256") or request.header("x-amz-content-sha256") or UNSIGNED
        self.check_signature(request, names, payload_hash, values["Date"], values["Signature"])

    def check_scope(self, credential, time, code):
        key, _, scope = credential.partition("/")
        if key != self.access_key:
            raise Refused("InvalidAccessKeyId")
        if scope != f"{time[:8]}/{self.region}/s3/aws4_request":
            raise Refused(code)

    @staticmethod
    def check_names(request, names, must):
        if names != sorted(names) or not must <= set(names) or not set(names) <= set(request.headers):
            raise Refused("AccessDenied")

    def check_signature(self, request, names, payload_hash, time, signature):
        scope = f"{time[:8]}/{self.region}/s3/aws4_request"
        canonical = hashlib.sha256(request.canonical(names, payload_hash).encode()).hexdigest()
        key = ("AWS4" + self.secret).encode()
        for step in scope.split("/"):
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        expected = hmac.new(key, f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}".encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise Refused("SignatureDoesNotMatch")


class Bucket:
    """Objects and unfinished uploads; one lock over all."""

    KEPT_HEADERS = ("content-type", "x-amz-server-side-encryption")

    def __init__(self, require_encryption):
        self.require_encryption = require_encryption
        self.objects, self.uploads, self.count = {}, {}, 0
        self.lock = threading.Lock()

    def described(self, request):
        if self.require_encryption and request.header("x-amz-server-side-encryption") != "AES256":
            raise Refused("AccessDenied")
        return {name: request.header(name) for name in request.headers if name in self.KEPT_HEADERS or name.startswith("x-amz-meta-")}

    def put(self, request, key):
        tag = '"' + hashlib.md5(request.body).hexdigest() + '"'
        headers = self.described(request)
        with self.lock:
            self.objects[key] = (request.body, headers, tag)
        return 200, {"ETag": tag, **encryption_of(headers)}, b""

    def get(self, request, key):
        with self.lock:
            if key not in self.objects:
                raise Refused("NoSuchKey")
            body, headers, tag = self.objects[key]
        answer = {"ETag": tag, "Accept-Ranges": "bytes", **headers}
        for name, value in request.query:
            if name.startswith("response-"):
                answer[name.removeprefix("response-")] = value
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.header("range") or "")
        if not match:
            return 200, answer, body
        first, last = int(match[1]), min(int(match[2] or len(body)), len(body) - 1)
        if first >= len(body) or last < first:
            raise Refused("InvalidRange")
        return 206, {**answer, "Content-Range": f"bytes {first}-{last}/{len(body)}"}, body[first:last + 1]

    def remove(self, _request, key):
        with self.lock:
            self.objects.pop(key, None)
        return 204, {}, b""

    def list(self, request, name):
        prefix, limit = request.parameter("prefix") or "", min(int(request.parameter("max-keys") or 1000), 1000)
        after = request.parameter("continuation-token") or request.parameter("start-after") or ""
        with self.lock:
            keys = sorted((key for key in self.objects if key.startswith(prefix) and key > after), key=str.encode)
            listed = [(key, *self.objects[key]) for key in keys[:limit]]
        more = len(keys) > limit
        items = "".join(f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>{escape(tag)}</ETag>"
                        f"<Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>" for key, body, _headers, tag in listed)
        token = f"<NextContinuationToken>{escape(keys[limit - 1])}</NextContinuationToken>" if more else ""
        return xml_answer(f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{name}</Name><Prefix>{escape(prefix)}</Prefix>'
                          f"<KeyCount>{len(listed)}</KeyCount><MaxKeys>{limit}</MaxKeys><IsTruncated>{str(more).lower()}</IsTruncated>{token}{items}</ListBucketResult>")

    def begin_upload(self, request, key):
        headers = self.described(request)
        with self.lock:
            self.count += 1
            upload = f"upload.{self.count}_+/="  # as awkward as the ids of real stores
            self.uploads[upload] = (key, headers, {})
        status, answer, body = xml_answer(f"<InitiateMultipartUploadResult><Key>{escape(key)}</Key><UploadId>{escape(upload)}</UploadId></InitiateMultipartUploadResult>")
        return status, {**answer, **encryption_of(headers)}, body

    def upload_of(self, request, key):
        upload = self.uploads.get(request.parameter("uploadId"))
        if upload is None or upload[0] != key:
            raise Refused("NoSuchUpload")
        return upload

    def put_part(self, request, key):
        number = request.parameter("partNumber")
        if not number.isdigit() or not 1 <= int(number) <= 10000:
            raise Refused("InvalidArgument")
        tag = '"' + hashlib.md5(request.body).hexdigest() + '"'
        with self.lock:
            self.upload_of(request, key)[2][int(number)] = (tag, request.body)
        return 200, {"ETag": tag}, b""

    def complete_upload(self, request, key):
        try:
            document = xml.etree.ElementTree.fromstring(request.body)
        except xml.etree.ElementTree.ParseError:
            raise Refused("InvalidArgument") from None
        named = [(int(part.findtext("{*}PartNumber")), part.findtext("{*}ETag")) for part in document.iterfind("{*}Part")]
        if [number for number, _tag in named] != sorted({number for number, _tag in named}):
            raise Refused("InvalidPartOrder")
        with self.lock:
            _key, headers, parts = self.upload_of(request, key)
            if not named or any(number not in parts or parts[number][0].strip('"') != tag.strip('"') for number, tag in named):
                raise Refused("InvalidPart")
            bodies = [parts[number][1] for number, _tag in named]
            if any(len(body) < MIN_PART for body in bodies[:-1]):
                raise Refused("EntityTooSmall")
            tag = f'"{hashlib.md5(b"".join(bodies)).hexdigest()}-{len(bodies)}"'
            self.objects[key] = (b"".join(bodies), headers, tag)
            del self.uploads[request.parameter("uploadId")]
        return xml_answer(f"<CompleteMultipartUploadResult><Key>{escape(key)}</Key><ETag>{escape(tag)}</ETag></CompleteMultipartUploadResult>")

    def give_up_upload(self, request, key):
        with self.lock:
            self.upload_of(request, key)
            del self.uploads[request.parameter("uploadId")]
        return 204, {}, b""


def encryption_of(headers):
    return {name: value for name, value in headers.items() if name == "x-amz-server-side-encryption"}


def xml_answer(text):
    return 200, {"Content-Type": "application/xml"}, ('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode()


def error_answer(code, status):
    _status, headers, body = xml_answer(f"<Error><Code>{code}</Code><Message>{code}</Message><RequestId>1</RequestId></Error>")
    return status, headers, body


def operation_of(request, key):
    upload, parameters = request.parameter("uploadId") is not None, dict(request.query)
    if not key:
        return "ListObjectsV2" if request.method == "GET" and parameters.get("list-type") == "2" else None
    if request.method == "POST":
        return "CreateMultipartUpload" if "uploads" in parameters else "CompleteMultipartUpload" if upload else None
    names = {("PUT", False): "PutObject", ("PUT", True): "UploadPart", ("GET", False): "GetObject", ("HEAD", False): "HeadObject",
             ("DELETE", False): "DeleteObject", ("DELETE", True): "AbortMultipartUpload"}
    return names.get((request.method, upload))


class Simulator:
    def __init__(self, options):
        self.name, self.public = options.bucket, options.public
        self.verifier = Verifier(options.access_key, options.secret, options.region)
        self.bucket = Bucket(options.require_encryption)
        self.lock, self.faults, self.requests = threading.Lock(), [], []
        self.work = {
            "ListObjectsV2": lambda request, _key: self.bucket.list(request, self.name), "PutObject": self.bucket.put, "GetObject": self.bucket.get,
            "HeadObject": self.bucket.get, "DeleteObject": self.bucket.remove, "CreateMultipartUpload": self.bucket.begin_upload,
            "UploadPart": self.bucket.put_part, "CompleteMultipartUpload": self.bucket.complete_upload, "AbortMultipartUpload": self.bucket.give_up_upload,
        }

    def place(self, request):
        """Bucket and key, by either style."""
        host = (request.header("host") or "").partition(":")[0]
        if host.startswith(self.name + "."):
            return self.name, request.path.removeprefix("/")
        bucket, _, key = request.path.removeprefix("/").partition("/")
        return bucket, key

    def fault(self, operation):
        with self.lock:
            for fault in self.faults:
                if fault["operation"] == operation and fault["count"] > 0:
                    fault["count"] -= 1
                    return fault
        return None

    def answer(self, request):
        """The answer, or None to close the connection without one."""
        bucket, key = self.place(request)
        operation = operation_of(request, key)
        fault = self.fault(operation)
        code = None
        if fault and fault["kind"] == "status":
            code = "Simulated"
            answer = error_answer(code, fault["status"])
        elif fault and fault["kind"] == "late_error":
            code = "InternalError"
            answer = error_answer(code, 200)
        elif fault and fault["kind"] == "drop":
            answer = None
        else:
            try:
                answer = self.checked(request, bucket, key, operation)
            except Refused as refused:
                code = refused.code
                answer = error_answer(code, REFUSALS[code])
            if fault:  # lost_answer: done, but nobody is told
                answer = None
        with self.lock:
            self.requests.append({"operation": operation, "status": answer[0] if answer else None, "code": code})
        return answer

    def checked(self, request, bucket, key, operation):
        if not (self.public and operation == "ListObjectsV2"):
            self.verifier.check(request)
        if bucket != self.name:
            raise Refused("NoSuchBucket")
        if operation is None:
            raise Refused("MethodNotAllowed")
        return self.work[operation](request, key)

    def control(self, request):
        with self.lock, self.bucket.lock:
            what = request.path.removeprefix("/_simulator/")
            if what == "faults":
                self.faults.append(json.loads(request.body))
                value = {}
            elif what == "requests":
                value = self.requests
            elif what == "objects":
                value = [{"key": key, "size": len(body), "headers": headers} for key, (body, headers, _tag) in sorted(self.bucket.objects.items())]
            else:
                value = sorted(key for key, _headers, _parts in self.bucket.uploads.values())
            return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def handler_of(simulator):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, self.headers, body)
            answer = simulator.control(request) if request.path.startswith("/_simulator/") else simulator.answer(request)
            if answer is None:
                self.close_connection = True
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve

        def log_message(self, *arguments):
            pass

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--access-key", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--bucket", default="box")
    parser.add_argument("--require-encryption", action="store_true")
    parser.add_argument("--public", action="store_true")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(Simulator(parser.parse_args())))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
