import { z } from "zod";
import { callSchema } from "../../calls/schema";
import { callId } from "../../schema/names";
import { organizationPath } from "../organizations/schema";

/** A call of an organization. */
export const callPath = organizationPath.extend({ call_id: callId });

/** Parked calls in one answer; releasing them makes room for the next. */
export const PARKED_SHOWN = 500;

/** Calls that wait for an operator. */
export const parkedCallsSchema = z.strictObject({ calls: z.array(callSchema) }).meta({ id: "ParkedCalls" });
