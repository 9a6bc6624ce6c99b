#!/usr/bin/env python3
"""Checks a .tlog-proof with nothing but the Python standard library.

    proof_check.py POLICY PROOF [LEAF]

POLICY and PROOF are files; LEAF, where given, is a file with the entry as it must be, else the entry is the proof's `extra`.
Written from c2sp.org/{tlog-proof,tlog-checkpoint,signed-note,tlog-cosignature,tlog-policy}, RFC 6962, RFC 9162 section 2.1.3.2
and RFC 8032 alone: nothing of the product is used or copied. Exit code 0 and one line when the proof holds, else 1.
"""

import base64
import binascii
import hashlib
import re
import sys


class Refused(Exception):
    pass


# --- RFC 8032, Ed25519, verification ---------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


def decompress(encoded):
    number = int.from_bytes(encoded, "little")
    y = number & ((1 << 255) - 1)
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def same_point(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_holds(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same_point(multiply(s, BASE), add(r, multiply(k, a)))


# --- base64, vkeys, notes --------------------------------------------------------------------------------------------


def from_base64(text):
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"not base64: {text[:40]}")
    if base64.b64encode(decoded).decode() != text:
        raise Refused(f"not canonical base64: {text[:40]}")
    return decoded


LOG, WITNESS = 0x01, 0x04


def parse_vkey(vkey, kind):
    parts = vkey.split("+", 2)
    if len(parts) != 3:
        raise Refused("a vkey has three parts")
    name, key_id, material = parts[0], parts[1], from_base64(parts[2])
    if len(material) != 33 or material[0] != kind:
        raise Refused(f"the key of {name} is not of type {kind}")
    expected = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    if key_id != expected:
        raise Refused(f"the id of the key of {name} is {expected}, not {key_id}")
    return {"name": name, "id": bytes.fromhex(key_id), "public": material[1:]}


def parse_note(note):
    text, separator, block = note.rpartition("\n\n")
    if separator == "" or not block.endswith("\n"):
        raise Refused("this is no signed note")
    if any(ord(c) < 0x20 and c != "\n" for c in note):
        raise Refused("control characters in a note")
    signatures = []
    for line in block[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^\\s+]+) (\\S+)", line)
        if match is None:
            raise Refused("a line below the note is no signature")
        decoded = from_base64(match[2])
        if len(decoded) < 5:
            raise Refused("a signature is too short")
        signatures.append((match[1], decoded[:4], decoded[4:]))
    return text + "\n", signatures


def signatures_of(signatures, key):
    return [signature for name, key_id, signature in signatures if name == key["name"] and key_id == key["id"]]


def log_signed(text, signatures, key):
    found = signatures_of(signatures, key)
    if any(not ed25519_holds(key["public"], text.encode(), signature) for signature in found):
        raise Refused(f"a signature of {key['name']} does not verify")
    return len(found) > 0


def witness_signed(text, signatures, key):
    for signature in signatures_of(signatures, key):
        time = int.from_bytes(signature[:8], "big")
        message = f"cosignature/v1\ntime {time}\n{text}".encode()
        if time >= 2**63 or not ed25519_holds(key["public"], message, signature[8:]):
            raise Refused(f"a cosignature of {key['name']} does not verify")
        return True
    return False


# --- policy ----------------------------------------------------------------------------------------------------------


def parse_policy(content):
    logs, members, quorum = [], {}, None
    for line in content.split("\n"):
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word != ""]
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log" and len(words) in (2, 3):
            logs.append(parse_vkey(words[1], LOG))
        elif words[0] == "witness" and len(words) in (3, 4) and words[1] not in members:
            members[words[1]] = ("witness", parse_vkey(words[2], WITNESS))
        elif words[0] == "group" and len(words) > 3 and words[1] not in members:
            names = words[3:]
            if any(name not in members for name in names):
                raise Refused("a group names what is not defined above")
            needed = {"all": len(names), "any": 1}.get(words[2]) or int(words[2])
            if not 1 <= needed <= len(names):
                raise Refused("the threshold of a group cannot be reached")
            members[words[1]] = ("group", needed, names)
        elif words[0] == "quorum" and len(words) == 2 and quorum is None:
            quorum = words[1]
        else:
            raise Refused(f"not a line of a policy: {line}")
    if quorum is None or (quorum != "none" and quorum not in members):
        raise Refused("the policy has no quorum")
    return logs, members, quorum


def has_witnessed(name, members, text, signatures):
    kind, *rest = members[name]
    if kind == "witness":
        return witness_signed(text, signatures, rest[0])
    needed, names = rest
    return sum(has_witnessed(member, members, text, signatures) for member in names) >= needed


# --- the proof -------------------------------------------------------------------------------------------------------


def parse_number(text):
    if re.fullmatch("0|[1-9][0-9]*", text) is None:
        raise Refused(f"not a number: {text}")
    return int(text)


def parse_proof(content):
    head, separator, checkpoint = content.partition("\n\n")
    lines = head.split("\n")
    if separator == "" or lines.pop(0) != "c2sp.org/tlog-proof@v1" or not lines:
        raise Refused("this is no tlog-proof")
    extra = from_base64(lines.pop(0)[len("extra ") :]) if lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise Refused("the proof has no index")
    index = parse_number(lines.pop(0)[len("index ") :])
    path = [from_base64(line) for line in lines]
    if any(len(node) != 32 for node in path):
        raise Refused("a hash of the path is no SHA-256")
    return extra, index, path, checkpoint


def root_of(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        raise Refused("the index is not in the tree")
    fn, sn, r = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for p in path:
        if sn == 0:
            raise Refused("the path is too long")
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\x01" + p + r).digest()
            while fn & 1 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hashlib.sha256(b"\x01" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Refused("the path is too short")
    return r


def check(policy, proof, given_leaf):
    logs, members, quorum = parse_policy(policy)
    extra, index, path, checkpoint = parse_proof(proof)
    leaf = given_leaf if given_leaf is not None else extra
    if leaf is None:
        raise Refused("there is no leaf")
    text, signatures = parse_note(checkpoint)
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise Refused("this is no checkpoint")
    origin, size, root = lines[0], parse_number(lines[1]), from_base64(lines[2])
    # Of each key, before one of them is enough: a false signature of a known key spoils the note.
    if not any([log_signed(text, signatures, key) for key in logs if key["name"] == origin]):
        raise Refused(f"no known key of {origin} signed the checkpoint")
    if quorum != "none" and not has_witnessed(quorum, members, text, signatures):
        raise Refused(f"the quorum {quorum} has not witnessed the checkpoint")
    if root_of(leaf, index, size, path) != root:
        raise Refused("the path does not lead to the root")
    return f"ok: entry {index} of {origin}, {len(leaf)} bytes, tree of {size}"


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        policy = file.read()
    with open(sys.argv[2], encoding="utf-8", newline="") as file:
        proof = file.read()
    leaf = None
    if len(sys.argv) > 3:
        with open(sys.argv[3], "rb") as file:
            leaf = file.read()
    try:
        print(check(policy, proof, leaf))
    except (Refused, ValueError) as reason:
        sys.exit(f"refused: {reason}")


main()
