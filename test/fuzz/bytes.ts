const from = Buffer.from.bind(Buffer);

export function toHex(bytes: Uint8Array): string {
  return from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(from(hex, "hex"));
}
