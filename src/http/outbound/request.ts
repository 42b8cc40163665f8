import type { z } from "zod";
import type { OutboundRequest } from "../../calls/place-outbound-call";
import { type NumberingPlan, readNumber } from "../../numbers/read-number";
import { DIALABLE, isServiceNumber, isServiceUser, SIP_ADDRESS } from "../../units/phone-number";
import { ApiError } from "../errors";
import type { statedOutboundCall } from "./schema";

/** A number and nothing that is dialled after it, which the dialer would not be told. */
const NUMBER_ALONE = /^(?:tel:)?[^;,#*a-z]+(?:;phone-context=\+?[\w.-]+)?$/i;

/** Where a request is made: how its numbers are read, and the hosts that SIP addresses may lead to. */
interface Dialling {
  plan: NumberingPlan;
  sip_hosts: readonly string[];
}

/**
 * A stated call in the words of billing: one name for each thing.
 *
 * @throws ApiError when it is not to a telephone number or a SIP address that may be called
 */
export function outboundRequest(
  stated: z.output<typeof statedOutboundCall>,
  { plan, sip_hosts }: Dialling,
): OutboundRequest {
  const { destination, to: alias, number_id, from, max_duration_seconds, ...assistant } = stated;
  const [param, text = ""] =
    destination === undefined ? (["to", alias] as const) : (["destination", destination] as const);
  const called = calledBy(text, { plan, sip_hosts });
  if (typeof called !== "string") throw new ApiError("invalid_request", called.wrong, param);
  const named = number_id ?? from;
  const longest = [
    max_duration_seconds,
    assistant.assistant?.max_duration_seconds,
    assistant.assistant_override?.max_duration_seconds,
  ].filter((seconds) => typeof seconds === "number");
  return {
    to: called,
    from: named === undefined ? null : readNumber(named, plan).normalized,
    from_param: number_id === undefined ? "from" : "number_id",
    max_duration_seconds: longest.length === 0 ? null : Math.min(...longest),
    assistant,
  };
}

/** What the dialer dials, or what is wrong with it. */
function calledBy(text: string, { plan, sip_hosts }: Dialling): string | { wrong: string } {
  const sip = SIP_ADDRESS.exec(text);
  const { kind, normalized } = readNumber(text, plan);
  const is_service = sip ? isServiceUser(sip[1] ?? "") : kind === "e164" && isServiceNumber(normalized);
  if (kind === "emergency" || kind === "short" || is_service)
    return { wrong: "Emergency services and other short numbers cannot be called by this route." };
  if (sip)
    return sip_hosts.includes(sip[2] ?? "")
      ? text
      : { wrong: "SIP addresses at this host cannot be called." };
  if (kind !== "e164" || !DIALABLE.test(normalized) || !NUMBER_ALONE.test(text))
    return { wrong: "Must be a telephone number, such as +31201234567." };
  return normalized;
}
