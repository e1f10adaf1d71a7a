# SPDX-License-Identifier: GPL-3.0-or-later
"""What an OCI registry answers about blobs and their uploads; manifests are in registry_manifest_checks.py."""

import http.client
import os
import socket
import time

from registry_client import BLOB, OCTETS, digest

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def same(actual, *allowed):
    assert actual in allowed, "%r is none of %r" % (actual, allowed)


# The base.
@check
def base(r):
    answer = r.get("/v2/")
    same(answer.status, 200)
    same(answer.headers["docker-distribution-api-version"], "registry/2.0")


@check
def unknown_path(r):
    same(r.get("/v2/what/is/this").status, 404)


@check
def wrong_method(r):
    same(r.ask("PUT", "/v2/t/tags/list", b"").status, 405)


# Blobs: pushing.
@check
def upload_begins(r):
    answer = r.ask("POST", "/v2/t/a/blobs/uploads/")
    same(answer.status, 202)
    same(answer.headers["range"], "0-0")
    assert answer.headers["location"] and answer.headers["docker-upload-uuid"]


@check
def upload_of_bad_name(r):
    same(r.ask("POST", "/v2/T/A/blobs/uploads/").status, 400, 404)


@check
def monolithic(r):
    answer = r.put(r.begin("t/a"), BLOB, digest(BLOB))
    same(answer.status, 201)
    same(answer.headers["docker-content-digest"], digest(BLOB))
    assert answer.headers["location"].endswith("/v2/t/a/blobs/" + digest(BLOB))


@check
def monolithic_with_encoded_colon(r):
    same(r.put(r.begin("t/a"), BLOB, digest(BLOB).replace(":", "%3A")).status, 201)


@check
def monolithic_chunked_encoding(r):
    location = r.begin("t/a")
    mark = "&" if "?" in location else "?"
    data = b"in pieces" * 500
    same(r.ask("PUT", location + mark + "digest=" + digest(data), data, OCTETS, chunked=True).status, 201)
    same(r.get("/v2/t/a/blobs/" + digest(data)).body, data)


@check
def single_post(r):
    data = b"in one request"
    answer = r.ask("POST", "/v2/t/a/blobs/uploads/?digest=" + digest(data), data, OCTETS)
    same(answer.status, 201, 202)
    if r.ours:
        same(answer.status, 201)
        same(r.get("/v2/t/a/blobs/" + digest(data)).body, data)


@check
def empty_blob(r):
    same(r.put(r.begin("t/a"), b"", digest(b"")).status, 201)
    same(r.get("/v2/t/a/blobs/" + digest(b"")).body, b"")


@check
def sha512(r):
    if not r.ours:
        return
    same(r.put(r.begin("t/a"), BLOB, digest(BLOB, "sha512")).status, 201)
    same(r.get("/v2/t/a/blobs/" + digest(BLOB, "sha512")).body, BLOB)


@check
def wrong_digest(r):
    answer = r.put(r.begin("t/a"), b"some", digest(b"other"))
    same(answer.status, 400)
    same(answer.code(), "DIGEST_INVALID")
    same(r.get("/v2/t/a/blobs/" + digest(b"other")).status, 404)


@check
def malformed_digest(r):
    for text in ("sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:../../etc/passwd", "none"):
        same(r.put(r.begin("t/a"), b"some", text).status, 400)


@check
def no_digest(r):
    same(r.ask("PUT", r.begin("t/a"), b"some", OCTETS).status, 400)


@check
def streamed_patch(r):
    data = os.urandom(300000)
    answer = r.ask("PATCH", r.begin("t/a"), data, OCTETS)
    same(answer.status, 202)
    same(answer.headers["range"], "0-299999")
    same(r.put(answer.headers["location"], b"", digest(data)).status, 201)
    same(r.get("/v2/t/a/blobs/" + digest(data)).body, data)


@check
def streamed_patch_chunked_encoding(r):
    data = os.urandom(30000)
    answer = r.ask("PATCH", r.begin("t/a"), data, OCTETS, chunked=True)
    same(answer.status, 202)
    same(answer.headers["range"], "0-29999")
    same(r.put(answer.headers["location"], b"", digest(data)).status, 201)


@check
def chunks(r):
    data = os.urandom(2500)
    location = r.begin("t/a")
    for start in (0, 1000):
        answer = r.ask("PATCH", location, data[start:start + 1000],
                       OCTETS + [("Content-Range", "%d-%d" % (start, start + 999))])
        same(answer.status, 202)
        same(answer.headers["range"], "0-%d" % (start + 999))
        location = answer.headers["location"]
    same(r.put(location, data[2000:], digest(data), [("Content-Range", "2000-2499")]).status, 201)
    same(r.get("/v2/t/a/blobs/" + digest(data)).body, data)


@check
def chunk_out_of_order(r):
    answer = r.ask("PATCH", r.begin("t/a"), b"x" * 10, OCTETS + [("Content-Range", "0-9")])
    late = r.ask("PATCH", answer.headers["location"], b"x" * 10, OCTETS + [("Content-Range", "30-39")])
    if r.ours:
        same(late.status, 416)
        same(late.headers["range"], "0-9")
        # and the upload goes on as if it had never been asked
        again = r.ask("PATCH", late.headers["location"], b"x" * 10, OCTETS + [("Content-Range", "10-19")])
        same(again.status, 202)
        same(again.headers["range"], "0-19")
    else:
        same(late.status, 202, 416)


@check
def chunk_of_other_length(r):
    if r.ours:
        answer = r.ask("PATCH", r.begin("t/a"), b"x" * 10, OCTETS + [("Content-Range", "0-99")])
        same(answer.status, 416)


@check
def status_and_resume(r):
    data = os.urandom(2000)
    first = r.ask("PATCH", r.begin("t/a"), data[:1200], OCTETS)
    answer = r.get(first.headers["location"])
    same(answer.status, 204)
    same(answer.headers["range"], "0-1199")
    same(r.put(answer.headers["location"], data[1200:], digest(data)).status, 201)


@check
def cut_connection_and_resume(r):
    if not r.ours:
        return
    data = os.urandom(200000)
    location = r.begin("t/a")
    with socket.create_connection(("127.0.0.1", r.port)) as raw:
        raw.sendall(b"PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" % location.encode() + data[:100000])
    for _ in range(200):
        answer = r.get(location)
        # Before the first bytes have arrived the upload is as empty as it began.
        if answer.status == 204 and not answer.headers["range"].endswith("-0"):
            break
        time.sleep(0.02)
    same(answer.status, 204)
    have = int(answer.headers["range"].split("-")[1]) + 1
    assert 1 < have <= 100000, have
    same(r.put(location, data[have:], digest(data), [("Content-Range", "%d-199999" % have)]).status, 201)


@check
def cancel(r):
    location = r.begin("t/a")
    same(r.ask("DELETE", location).status, 204)
    answer = r.get(location)
    same(answer.status, 404)
    same(answer.code(), "BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID")


@check
def unknown_upload(r):
    for name in ("5b0a2a3e-1111-4222-8333-123456789abc", "nonsense", "..%2f..%2fengine"):
        same(r.ask("PATCH", "/v2/t/a/blobs/uploads/" + name, b"x", OCTETS).status, 404, 400, 404 if r.ours else 301)


@check
def upload_of_another_repository(r):
    location = r.begin("t/a").replace("/t/a/", "/t/b/")
    same(r.get(location).status, 404)


@check
def mount(r):
    wanted = r.push_blob("t/a", BLOB)
    answer = r.ask("POST", "/v2/t/mounted/blobs/uploads/?mount=%s&from=t/a" % wanted)
    same(answer.status, 201)
    same(answer.headers["docker-content-digest"], wanted)
    same(r.get("/v2/t/mounted/blobs/" + wanted).body, BLOB)


@check
def mount_of_unknown(r):
    answer = r.ask("POST", "/v2/t/a/blobs/uploads/?mount=%s&from=t/none" % digest(b"never"))
    same(answer.status, 202)
    assert answer.headers["location"]


@check
def mount_without_source(r):
    same(r.ask("POST", "/v2/t/a/blobs/uploads/?mount=" + digest(BLOB)).status, 202)


@check
def expect_continue(r):
    data = b"expected" * 1000
    location = r.begin("t/a")
    path = location.split("/", 3)[3].join(["/", ""]) if location.startswith("http") else location
    mark = "&" if "?" in path else "?"
    with socket.create_connection(("127.0.0.1", r.port), timeout=20) as raw:
        raw.sendall(("PUT %s%sdigest=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n"
                     "Content-Type: application/octet-stream\r\nExpect: 100-continue\r\n\r\n"
                     % (path, mark, digest(data), len(data))).encode())
        assert b" 100 " in raw.recv(1000)
        raw.sendall(data)
        assert b" 201 " in raw.recv(1000)


# Blobs: pulling.
@check
def head_blob(r):
    wanted = r.push_blob("t/a", BLOB)
    answer = r.ask("HEAD", "/v2/t/a/blobs/" + wanted)
    same(answer.status, 200)
    same(answer.headers["content-length"], "1000")
    same(answer.headers["docker-content-digest"], wanted)
    same(answer.body, b"")


@check
def get_blob(r):
    answer = r.get("/v2/t/a/blobs/" + r.push_blob("t/a", BLOB))
    same(answer.status, 200)
    same(answer.body, BLOB)
    same(answer.headers["content-type"], "application/octet-stream")
    same(answer.headers["accept-ranges"], "bytes")


@check
def get_ranges(r):
    path = "/v2/t/a/blobs/" + r.push_blob("t/a", BLOB)
    for text, start, end in (("5-9", 5, 9), ("995-", 995, 999), ("-3", 997, 999), ("990-5000", 990, 999)):
        answer = r.get(path, [("Range", "bytes=" + text)])
        same(answer.status, 206)
        same(answer.body, BLOB[start:end + 1])
        same(answer.headers["content-range"], "bytes %d-%d/1000" % (start, end))


@check
def get_range_beyond(r):
    path = "/v2/t/a/blobs/" + r.push_blob("t/a", BLOB)
    try:
        same(r.get(path, [("Range", "bytes=2000-3000")]).status, 416)
    except http.client.IncompleteRead:
        assert not r.ours  # docker-registry announces the whole length of its error


@check
def blob_not_modified(r):
    wanted = r.push_blob("t/a", BLOB)
    answer = r.get("/v2/t/a/blobs/" + wanted)
    same(r.get("/v2/t/a/blobs/" + wanted, [("If-None-Match", answer.headers["etag"])]).status, 304)


@check
def unknown_blob(r):
    answer = r.get("/v2/t/a/blobs/" + digest(b"never pushed"))
    same(answer.status, 404)
    same(answer.code(), "BLOB_UNKNOWN")
    same(r.ask("HEAD", "/v2/t/a/blobs/" + digest(b"never pushed")).status, 404)


@check
def blob_of_another_repository(r):
    wanted = r.push_blob("t/private", b"only there")
    same(r.get("/v2/t/a/blobs/" + wanted).status, 404)


@check
def bad_digest_in_path(r):
    for text in ("sha256:abc", "sha256:" + "A" * 64, "sha256:..%2f..%2f..%2fengine.db"):
        same(r.get("/v2/t/a/blobs/" + text).status, 400, 404, 404 if r.ours else 301)


@check
def delete_blob(r):
    wanted = r.push_blob("t/d", b"to be deleted")
    same(r.ask("DELETE", "/v2/t/d/blobs/" + wanted).status, 202)
    same(r.get("/v2/t/d/blobs/" + wanted).status, 404)
    same(r.ask("DELETE", "/v2/t/d/blobs/" + wanted).status, 404)


@check
def delete_blob_keeps_it_elsewhere(r):
    wanted = r.push_blob("t/d", b"shared by two")
    r.push_blob("t/e", b"shared by two")
    same(r.ask("DELETE", "/v2/t/d/blobs/" + wanted).status, 202)
    same(r.get("/v2/t/e/blobs/" + wanted).body, b"shared by two")


@check
def two_at_once_on_one_upload(r):
    if not r.ours:
        return
    location = r.begin("t/a")
    with socket.create_connection(("127.0.0.1", r.port)) as raw:
        raw.sendall(b"PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf" % location.encode())
        for _ in range(200):
            answer = r.ask("PATCH", location, b"other", OCTETS)
            if answer.status == 400:
                break
            location = r.begin("t/a")
            raw.close()
            raw = socket.create_connection(("127.0.0.1", r.port))
            raw.sendall(b"PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf" % location.encode())
            time.sleep(0.02)
        same(answer.status, 400)
        same(answer.code(), "BLOB_UPLOAD_INVALID")
        raw.close()
