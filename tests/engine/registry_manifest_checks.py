# SPDX-License-Identifier: GPL-3.0-or-later
"""What an OCI registry answers about manifests, tags and what refers to what."""

from registry_checks import check, same
from registry_client import (ACCEPT, BLOB, CONFIG, DOCKER, INDEX, MANIFEST, as_json, digest, make_manifest, push_image)


# Manifests.
@check
def push_and_pull(r):
    r.push_blob("t/m", CONFIG)
    r.push_blob("t/m", BLOB)
    manifest = make_manifest(layers=[BLOB])
    answer = r.push_manifest("t/m", "v1", manifest)
    same(answer.status, 201)
    same(answer.headers["docker-content-digest"], digest(manifest))
    assert answer.headers["location"].endswith("/v2/t/m/manifests/" + digest(manifest))
    for selector in ("v1", digest(manifest)):
        answer = r.get("/v2/t/m/manifests/" + selector, ACCEPT)
        same(answer.status, 200)
        same(answer.body, manifest)
        same(answer.headers["content-type"], MANIFEST)
        same(answer.headers["docker-content-digest"], digest(manifest))


@check
def head_manifest(r):
    wanted = push_image(r, "t/m", "head")
    answer = r.ask("HEAD", "/v2/t/m/manifests/head", None, ACCEPT)
    same(answer.status, 200)
    same(answer.headers["docker-content-digest"], wanted)
    same(answer.headers["content-length"], str(len(make_manifest())))
    same(answer.body, b"")


@check
def manifest_not_modified(r):
    wanted = push_image(r, "t/m", "etag")
    same(r.get("/v2/t/m/manifests/etag", ACCEPT + [("If-None-Match", '"%s"' % wanted)]).status, 304)


@check
def push_by_digest(r):
    manifest = make_manifest(annotations={"by": "digest"})
    push_image(r, "t/m", digest(manifest), manifest)
    same(r.get("/v2/t/m/manifests/" + digest(manifest), ACCEPT).body, manifest)


@check
def push_by_wrong_digest(r):
    r.push_blob("t/m", CONFIG)
    answer = r.push_manifest("t/m", digest(b"another"), make_manifest())
    same(answer.status, 400)
    same(answer.code(), "DIGEST_INVALID")


@check
def push_again(r):
    same(push_image(r, "t/m", "again"), push_image(r, "t/m", "again"))


@check
def tag_moves(r):
    push_image(r, "t/m", "moves")
    other = make_manifest(annotations={"a": "b"})
    same(push_image(r, "t/m", "moves", other), digest(other))
    same(r.get("/v2/t/m/manifests/moves", ACCEPT).body, other)


@check
def missing_blobs(r):
    answer = r.push_manifest("t/m", "bad", make_manifest(config=b"not here", layers=[b"nor this"]))
    same(answer.status, 400)
    same(answer.code(), "MANIFEST_BLOB_UNKNOWN")
    same(len(answer.json()["errors"]), 2)
    assert digest(b"nor this") in answer.body.decode()
    same(r.get("/v2/t/m/manifests/bad", ACCEPT).status, 404)


@check
def blob_elsewhere_does_not_count(r):
    r.push_blob("t/elsewhere", b"a layer elsewhere")
    r.push_blob("t/m", CONFIG)
    answer = r.push_manifest("t/m", "bad", make_manifest(layers=[b"a layer elsewhere"]))
    same(answer.code(), "MANIFEST_BLOB_UNKNOWN")


@check
def malformed_manifests(r):
    for body in (b"", b"{", b"[]", b"{}", as_json({"schemaVersion": 1})):
        answer = r.push_manifest("t/m", "bad", body)
        same(answer.status, 400, 400 if r.ours else 500)
        same(answer.code(), "MANIFEST_INVALID", "MANIFEST_INVALID" if r.ours else "UNKNOWN")


@check
def media_type_differs(r):
    r.push_blob("t/m", CONFIG)
    same(r.push_manifest("t/m", "bad", make_manifest(), INDEX).status, 400)
    same(r.push_manifest("t/m", "bad", make_manifest(), "text/plain").status, 400)


@check
def too_large_manifest(r):
    same(r.push_manifest("t/m", "bad", b" " * (5 * 1024 * 1024)).status, 413, 400)


@check
def large_manifest(r):
    manifest = make_manifest(annotations={"long": "x" * 3500000})
    push_image(r, "t/m", "large", manifest)
    same(r.get("/v2/t/m/manifests/large", ACCEPT).body, manifest)


@check
def bad_tag(r):
    for tag in ("-bad", ".bad", "a" * 129, "a%2fb", "a b".replace(" ", "%20")):
        same(r.push_manifest("t/m", tag, make_manifest()).status, 400, 404)


@check
def unknown_manifest(r):
    for name, selector in (("t/m", "nothing"), ("t/m", digest(b"nothing")), ("t/no/such", "nothing")):
        answer = r.get("/v2/%s/manifests/%s" % (name, selector), ACCEPT)
        same(answer.status, 404)
        same(answer.code(), "MANIFEST_UNKNOWN", "NAME_UNKNOWN")


@check
def index_with_children(r):
    wanted = push_image(r, "t/m", "child")
    child = {"mediaType": MANIFEST, "digest": wanted, "size": len(make_manifest()),
             "platform": {"os": "linux", "architecture": "amd64"}}
    index = as_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]})
    same(r.push_manifest("t/m", "multi", index, INDEX).status, 201)
    answer = r.get("/v2/t/m/manifests/multi", ACCEPT)
    same(answer.body, index)
    same(answer.headers["content-type"], INDEX)


@check
def index_without_children(r):
    child = {"mediaType": MANIFEST, "digest": digest(b"absent"), "size": 10,
             "platform": {"os": "linux", "architecture": "amd64"}}
    answer = r.push_manifest("t/m", "bad", as_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]}),
                             INDEX)
    same(answer.status, 400)
    same(answer.code(), "MANIFEST_BLOB_UNKNOWN")


@check
def docker_manifest(r):
    r.push_blob("t/m", CONFIG)
    manifest = as_json({"schemaVersion": 2, "mediaType": DOCKER,
                        "config": {"mediaType": "application/vnd.docker.container.image.v1+json",
                                   "digest": digest(CONFIG), "size": len(CONFIG)}, "layers": []})
    same(r.push_manifest("t/m", "docker", manifest, DOCKER).status, 201)
    same(r.get("/v2/t/m/manifests/docker", ACCEPT).headers["content-type"], DOCKER)


# Tags and lists.
@check
def tags(r):
    for tag in ("b", "a", "C.1_x-y"):
        push_image(r, "t/tags", tag)
    answer = r.get("/v2/t/tags/tags/list")
    same(answer.status, 200)
    same(answer.json()["name"], "t/tags")
    same(sorted(answer.json()["tags"]), ["C.1_x-y", "a", "b"])
    if r.ours:
        same(answer.json()["tags"], ["C.1_x-y", "a", "b"])


@check
def tags_in_pages(r):
    for tag in ("t1", "t2", "t3"):
        push_image(r, "t/pages", tag)
    if r.ours:
        answer = r.get("/v2/t/pages/tags/list?n=2")
        same(answer.json()["tags"], ["t1", "t2"])
        link = answer.headers["link"]
        assert link.endswith('rel="next"'), link
        answer = r.get(link[1:link.index(">")])
        same(answer.json()["tags"], ["t3"])
        assert "link" not in answer.headers
        same(r.get("/v2/t/pages/tags/list?n=0").json()["tags"], [])
        same(r.get("/v2/t/pages/tags/list?last=t2").json()["tags"], ["t3"])
        same(r.get("/v2/t/pages/tags/list?n=-1").status, 400)
        same(r.get("/v2/t/pages/tags/list?n=many").status, 400)
    else:
        same(r.get("/v2/t/pages/tags/list?n=2").status, 200)


@check
def tags_of_unknown(r):
    answer = r.get("/v2/t/no/such/tags/list")
    same(answer.status, 404)
    same(answer.code(), "NAME_UNKNOWN")


@check
def catalog(r):
    push_image(r, "t/catalog", "1")
    answer = r.get("/v2/_catalog")
    same(answer.status, 200)
    assert "t/catalog" in answer.json()["repositories"]
    answer = r.get("/v2/_catalog?n=1")
    same(len(answer.json()["repositories"]), 1)
    assert "link" in answer.headers


@check
def name_with_words_of_the_api(r):
    push_image(r, "t/blobs/uploads/manifests", "1")
    same(r.get("/v2/t/blobs/uploads/manifests/tags/list").json()["tags"], ["1"])


# Referrers.
@check
def subject(r):
    wanted = push_image(r, "t/s", "subject")
    other = make_manifest(subject={"mediaType": MANIFEST, "digest": wanted, "size": len(make_manifest())},
                          artifactType="application/x-note", annotations={"note": "yes"})
    r.push_blob("t/s", CONFIG)
    answer = r.push_manifest("t/s", digest(other), other)
    same(answer.status, 201)
    if not r.ours:
        return
    same(answer.headers["oci-subject"], wanted)
    answer = r.get("/v2/t/s/referrers/" + wanted)
    same(answer.status, 200)
    same(answer.headers["content-type"], INDEX)
    entry, = answer.json()["manifests"]
    same(entry["digest"], digest(other))
    same(entry["artifactType"], "application/x-note")
    same(entry["annotations"], {"note": "yes"})
    answer = r.get("/v2/t/s/referrers/" + wanted + "?artifactType=application/x-other")
    same(answer.headers["oci-filters-applied"], "artifactType")
    same(answer.json()["manifests"], [])
    same(r.ask("DELETE", "/v2/t/s/manifests/" + digest(other)).status, 202)
    same(r.get("/v2/t/s/referrers/" + wanted).json()["manifests"], [])


@check
def subject_that_is_absent(r):
    other = make_manifest(subject={"mediaType": MANIFEST, "digest": digest(b"absent"), "size": 6})
    push_image(r, "t/s", digest(other), other)
    if r.ours:
        same(len(r.get("/v2/t/s/referrers/" + digest(b"absent")).json()["manifests"]), 1)


@check
def referrers_of_nothing(r):
    if r.ours:
        same(r.get("/v2/t/s/referrers/" + digest(b"nobody")).json()["manifests"], [])
        same(r.get("/v2/t/s/referrers/nonsense").status, 400)


# Deleting manifests.
@check
def delete_by_digest(r):
    manifest = make_manifest(annotations={"to be": "deleted"})
    wanted = push_image(r, "t/x", "x1", manifest)
    push_image(r, "t/x", "x2", manifest)
    push_image(r, "t/x", "stays")
    same(r.ask("DELETE", "/v2/t/x/manifests/" + wanted).status, 202)
    for selector in ("x1", "x2", wanted):
        same(r.get("/v2/t/x/manifests/" + selector, ACCEPT).status, 404)
    same(r.get("/v2/t/x/manifests/stays", ACCEPT).status, 200)
    same(r.ask("DELETE", "/v2/t/x/manifests/" + wanted).status, 404)


@check
def delete_by_tag(r):
    wanted = push_image(r, "t/x", "y1")
    push_image(r, "t/x", "y2")
    if r.ours:
        same(r.ask("DELETE", "/v2/t/x/manifests/y1").status, 202)
        same(r.get("/v2/t/x/manifests/y1", ACCEPT).status, 404)
        same(r.get("/v2/t/x/manifests/y2", ACCEPT).status, 200)
        same(r.get("/v2/t/x/manifests/" + wanted, ACCEPT).status, 200)
    same(r.ask("DELETE", "/v2/t/x/manifests/none").status, 404, 400)
