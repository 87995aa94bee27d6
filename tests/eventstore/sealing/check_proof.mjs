// Checks a proof by what docs/audit.md says, in another language: `node check_proof.mjs PROOF… KEY.pem`.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

class NotProved extends Error {}
class NoProof extends Error {}

const NOTE = "Decoded from the bytes in event, for people; what is verified is the bytes.";
const STATEMENT = new RegExp(
  [
    "^psa-seal/(?:1(?![^]*\nepoch )|2(?=[^]*\nepoch (?!1\n)))",
    "log ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    "seal ([1-9][0-9]{0,18})",
    "positions ([1-9][0-9]{0,18})-(0|[1-9][0-9]{0,18})",
    "root ([0-9a-f]{64})",
    "chain [0-9a-f]{64}",
    "previous ([0-9a-f]{64})",
    "key ([0-9a-f]{64})",
    "sealed-at ([0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}\\.[0-9]{3}Z)",
    "(?:epoch [1-9][0-9]{0,18}\n)?(?:next-key ([0-9a-f]{64})\n)?$",
  ].join("\n"),
);

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

function demand(holds, what, kind = NoProof) {
  if (!holds) throw new kind(what);
}

function has(value, names) {
  const found = value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value);
  demand(found && found.sort().join() === names.split(" ").sort().join(), `expected: ${names}`);
}

function whole(value, least = 0, most = Number.MAX_SAFE_INTEGER) {
  demand(Number.isSafeInteger(value) && value >= least && value <= most, "expected a whole number");
  return value;
}

function text(value, form = /^/) {
  demand(typeof value === "string" && value.isWellFormed() && form.test(value), "expected a text of a form");
  return value;
}

function unpacked(value) {
  const content = Buffer.from(text(value), "base64");
  demand(content.toString("base64") === value, "expected Base64");
  return content;
}

function int64(value) {
  const content = Buffer.alloc(8);
  content.writeBigInt64BE(BigInt(value));
  return content;
}

const isInstant = (value) => {
  const at = new Date(value);
  return !Number.isNaN(at.getTime()) && at.toISOString() === value;
};

function microseconds(value) {
  const form = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/;
  const cut = `${text(value, form).slice(0, 23)}Z`;
  demand(isInstant(cut), "expected an instant");
  return BigInt(Date.parse(cut) - Date.UTC(2000, 0, 1)) * 1000n + BigInt(value.slice(23, 26));
}

function rowOf(event) {
  has(event, "position stream_id version event_id topic class_version state metadata recorded_at");
  const id = (value) =>
    Buffer.from(text(value, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/).replaceAll("-", ""), "hex");
  const short = Buffer.alloc(2);
  short.writeInt16BE(whole(event.class_version, 0, 32767));
  const fields = [
    int64(whole(event.position, 1)),
    id(event.stream_id),
    int64(whole(event.version, 1)),
    id(event.event_id),
    Buffer.from(text(event.topic)),
    short,
    unpacked(event.state),
    unpacked(event.metadata),
    int64(microseconds(event.recorded_at)),
  ];
  const sized = fields.flatMap((field) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(field.length);
    return [size, field];
  });
  return Buffer.concat([Buffer.from([0, fields.length]), ...sized]);
}

function readAloud(people, event) {
  has(people, "note state metadata");
  demand(people.note === NOTE, "the note is another one");
  for (const name of ["state", "metadata"]) {
    let said = null;
    try {
      said = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(unpacked(event[name])));
    } catch {
      // Bytes that are no JSON are shown as null.
    }
    demand(JSON.stringify(said) === JSON.stringify(people[name]), "decoded otherwise", NotProved);
  }
}

function follow(seals, firstKey) {
  let [key, number, last, digest, log, seal] = [firstKey, 0n, 0n, Buffer.alloc(32), null, null];
  seals.forEach(({ statement, signature }, place) => {
    const found = STATEMENT.exec(statement);
    demand(found && isInstant(found[8]), "no statement of a seal", NotProved);
    const [first, next] = [BigInt(found[3]), found[9]];
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(key, "hex")]);
    const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
    const good = found[7] === key && verify(null, Buffer.from(statement), publicKey, signature);
    demand(good, `seal ${found[2]} is not signed with the key that has to sign it`, NotProved);
    const [seals_on, positions_on] = [BigInt(found[2]) - number, first - last];
    const direct = seals_on === 1n && positions_on === 1n && found[6] === digest.toString("hex");
    const follows = direct || (seals_on > 1n && positions_on >= seals_on);
    demand(follows && (log === null || log === found[1]), "the seals do not follow", NotProved);
    demand(place === seals.length - 1 || next, "a seal does not change the key", NotProved);
    seal = { log: found[1], number: found[2], first, last: BigInt(found[4]), root: found[5], at: found[8] };
    [key, number, last, log] = [next ?? key, BigInt(found[2]), seal.last, found[1]];
    digest = sha256(Buffer.from(statement), signature);
  });
  return seal;
}

function leadsTo(leaf, tree, root) {
  let [node, index, last] = [leaf, BigInt(tree.index), BigInt(tree.size) - 1n];
  const path = tree.path.map((each) => Buffer.from(each, "hex"));
  for (; last > 0n; index /= 2n, last /= 2n) {
    const odd = index % 2n === 1n;
    if (!odd && index === last) continue;
    const neighbour = path.shift();
    if (neighbour === undefined) return false;
    node = odd ? sha256(Buffer.of(1), neighbour, node) : sha256(Buffer.of(1), node, neighbour);
  }
  return path.length === 0 && node.toString("hex") === root;
}

function check(proof, key) {
  has(proof, "format version event for_people tree seal key_changes");
  demand(proof.format === "psa-event-proof" && proof.version === 1, "another format");
  const { event, tree } = proof;
  const row = rowOf(event);
  has(tree, "index size path");
  demand(Array.isArray(tree.path) && Array.isArray(proof.key_changes), "expected lists");
  [tree.index, tree.size].forEach((each) => whole(each));
  tree.path.forEach((each) => text(each, /^[0-9a-f]{64}$/));
  const seals = [...proof.key_changes, proof.seal].map((each) => {
    has(each, "statement signature");
    const signature = unpacked(each.signature);
    demand(signature.length === 64, "a signature has not 64 bytes");
    return { statement: text(each.statement), signature };
  });
  readAloud(proof.for_people, event);
  const seal = follow(seals, key);
  const position = BigInt(event.position);
  demand(seal.first <= position && position <= seal.last, "the position is not in the seal", NotProved);
  const place = [position - seal.first, seal.last - seal.first + 1n];
  demand(BigInt(tree.index) === place[0] && BigInt(tree.size) === place[1], "another place", NotProved);
  demand(leadsTo(sha256(Buffer.of(0), row), tree, seal.root), "the event was changed", NotProved);
  return (
    `position ${event.position}, ${event.topic}, event ${event.event_id}, recorded at ` +
    `${event.recorded_at}, is in seal ${seal.number} of log ${seal.log}, sealed at ${seal.at}`
  );
}

function outcome(proof, key) {
  try {
    const first = createPublicKey(readFileSync(key));
    demand(first.asymmetricKeyType === "ed25519", "the key is not of Ed25519");
    const raw = first.export({ format: "der", type: "spki" }).subarray(12).toString("hex");
    const content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(proof));
    return { code: 0, line: `Proved: ${check(JSON.parse(content), raw)}.` };
  } catch (error) {
    if (error instanceof NotProved) return { code: 1, line: `Not proved: ${error.message}.` };
    return { code: 2, line: `No proof of an event: ${error.message.replaceAll(/\s+/g, " ")}.` };
  }
}

const [key, ...proofs] = process.argv.slice(2).reverse();
const outcomes = proofs.reverse().map((proof) => outcome(proof, key));
outcomes.forEach(({ line }) => console.log(line));
process.exitCode = Math.max(...outcomes.map(({ code }) => code));
