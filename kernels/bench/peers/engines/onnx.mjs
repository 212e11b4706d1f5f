// Writes ONNX models: as much of the protobuf format as a forward pass needs. The numbers in field(...) are those of
// onnx.proto.

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 };

const text = new TextEncoder();

function varint(n) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(n));
  do {
    let byte = Number(rest & 127n);
    rest >>= 7n;
    if (rest) byte |= 128;
    bytes.push(byte);
  } while (rest);
  return bytes;
}

function join(parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

const integerField = (number, value) => Uint8Array.from([...varint(number << 3), ...varint(value)]);

const floatField = (number, value) =>
  join([Uint8Array.from(varint((number << 3) | 5)), new Uint8Array(new Float32Array([value]).buffer)]);

// field holds text, bytes, or a message given as its fields.
function field(number, value) {
  const bytes = typeof value === "string" ? text.encode(value) : Array.isArray(value) ? join(value) : value;
  return join([Uint8Array.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
}

// Graph collects the nodes of a model. Values are called by name.
export class Graph {
  #nodes = [];
  #constants = [];
  #inputs = [];
  #outputs = [];
  #count = 0;

  constant(name, shape, data, type = FLOAT) {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const dimensions = shape.map((d) => integerField(1, d));
    this.#constants.push(field(5, [...dimensions, integerField(2, type), field(8, name), field(9, raw)]));
    return name;
  }

  float(value) {
    return this.constant(this.#name(), [], new Float32Array([value]));
  }

  integer(value) {
    return this.constant(this.#name(), [], BigInt64Array.from([BigInt(value)]), INT64);
  }

  integers(list) {
    return this.constant(this.#name(), [list.length], BigInt64Array.from(list.map(BigInt)), INT64);
  }

  input(name, shape) {
    this.#inputs.push(field(11, this.#value(name, shape)));
    return name;
  }

  output(name, shape) {
    this.#outputs.push(field(12, this.#value(name, shape)));
  }

  // op adds a node and returns the name of its result, or the names of several.
  op(type, inputs, attributes = {}, results = 1) {
    const outputs = Array.from({ length: results }, () => this.#name());
    this.#nodes.push(
      field(1, [
        ...inputs.map((name) => field(1, name)),
        ...outputs.map((name) => field(2, name)),
        field(3, this.#name()),
        field(4, type),
        ...Object.entries(attributes).map(([name, value]) => field(5, [field(1, name), ...attribute(value)])),
      ]),
    );
    return results === 1 ? outputs[0] : outputs;
  }

  bytes(opset = 20) {
    const graph = [...this.#nodes, field(2, "graph"), ...this.#constants, ...this.#inputs, ...this.#outputs];
    return join([integerField(1, 9), field(7, graph), field(8, [field(1, ""), integerField(2, opset)])]);
  }

  #name() {
    return `v${this.#count++}`;
  }

  #value(name, shape) {
    const dimensions = shape.map((d) => field(1, [integerField(1, d)]));
    const tensor = [integerField(1, FLOAT), field(2, dimensions)];
    return [field(1, name), field(2, [field(1, tensor)])];
  }
}

function attribute(value) {
  if (Array.isArray(value)) return [...value.map((v) => integerField(8, v)), integerField(20, ATTRIBUTE.ints)];
  if (typeof value === "string") return [field(4, value), integerField(20, ATTRIBUTE.string)];
  if (Number.isInteger(value)) return [integerField(3, value), integerField(20, ATTRIBUTE.int)];
  return [floatField(2, value), integerField(20, ATTRIBUTE.float)];
}
