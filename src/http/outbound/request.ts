import type { z } from "zod";
import type { OutboundRequest } from "../../calls/place-outbound-call";
import { SIP_ADDRESS } from "../../units/phone-number";
import { ApiError } from "../errors";
import type { statedOutboundCall } from "./schema";

/**
 * A stated call in the words of billing: one name for each thing.
 *
 * @param sip_hosts hosts that SIP addresses may lead to
 * @throws ApiError when the call is to a SIP address elsewhere
 */
export function outboundRequest(
  stated: z.output<typeof statedOutboundCall>,
  sip_hosts: readonly string[],
): OutboundRequest {
  const { destination, to: alias, number_id, from, max_duration_seconds, ...assistant } = stated;
  const to = destination ?? alias ?? "";
  const host = SIP_ADDRESS.exec(to)?.[2];
  if (host !== undefined && !sip_hosts.includes(host))
    throw new ApiError(
      "invalid_request",
      "SIP addresses at this host cannot be called.",
      destination === undefined ? "to" : "destination",
    );
  const longest = [
    max_duration_seconds,
    assistant.assistant?.max_duration_seconds,
    assistant.assistant_override?.max_duration_seconds,
  ].filter((seconds) => typeof seconds === "number");
  return {
    to,
    from: number_id ?? from ?? null,
    from_param: number_id === undefined ? "from" : "number_id",
    max_duration_seconds: longest.length === 0 ? null : Math.min(...longest),
    assistant,
  };
}
