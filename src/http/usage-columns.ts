import type { CallBody } from "./call-body";
import type { Column } from "../units/csv";

/** The columns of the usage file, with the names that the fields have in JSON. */
export const usageColumns: readonly Column<CallBody>[] = [
  ["call_id", (call) => call.call_id],
  ["created_at", (call) => call.created_at],
  ["answered_at", (call) => call.answered_at],
  ["ended_at", (call) => call.ended_at],
  ["direction", (call) => call.direction],
  ["from", (call) => call.from],
  ["to", (call) => call.to],
  ["phone_number", (call) => call.phone_number],
  ["status", (call) => call.status],
  ["end_reason", (call) => call.end_reason],
  ["duration_seconds", (call) => call.duration_seconds],
  ["billable_seconds", (call) => call.billable_seconds],
  ["rate", (call) => call.rate.name],
  ["price_micros_per_minute", (call) => call.rate.price_micros_per_minute],
  ["increments", (call) => call.rate.increments],
  ["byok_stt", (call) => call.byok_stt],
  ["byok_llm", (call) => call.byok_llm],
  ["byok_tts", (call) => call.byok_tts],
  ["fee_micros", (call) => call.fee_micros],
  ["provider_cost_micros", (call) => call.provider_cost_micros],
  ["cost", (call) => call.cost],
  ["cost_micros", (call) => call.cost_micros],
  ["currency", (call) => call.currency],
];
