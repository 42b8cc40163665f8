import { TypeID } from "typeid-js";
import { sha256Bytes } from "../units/digest";
import { HOUR_MS } from "../units/duration";

/**
 * The id of the event of one fact: the same whenever it is made again, in order of time, and nothing that a stranger
 * could guess. A UUIDv7 whose random part is a digest of what names the fact.
 */
export async function eventId(
  organization_id: string,
  fact: string,
  occurred_at_ms: number,
): Promise<string> {
  const bytes = (await sha256Bytes(`${organization_id}:${fact}`)).slice(0, 16);
  writeTime(bytes, occurred_at_ms);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return TypeID.fromUUIDBytes("evt", bytes).toString();
}

/** The id of an event that an organization has at most once an hour, whoever makes it. */
export function eventIdOfHour(organization_id: string, at_ms: number): string {
  const bytes = Uint8Array.from(TypeID.fromString(organization_id).toUUIDBytes());
  writeTime(bytes, Math.floor(at_ms / HOUR_MS) * HOUR_MS);
  return TypeID.fromUUIDBytes("evt", bytes).toString();
}

/** An id that sorts before all events from `at_ms` on. */
export function eventIdAt(at_ms: number): string {
  const bytes = new Uint8Array(16);
  writeTime(bytes, at_ms);
  return TypeID.fromUUIDBytes("evt", bytes).toString();
}

function writeTime(bytes: Uint8Array<ArrayBuffer>, at_ms: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(at_ms / 0x10000));
  view.setUint16(4, at_ms % 0x10000);
}
