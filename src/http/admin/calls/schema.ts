import { z } from "zod";
import { callSchema } from "../../calls/schema";
import { callId } from "../../schema/names";
import { organizationPath } from "../organizations/schema";

export const callPath = organizationPath.extend({ call_id: callId });

/** Parked calls in one answer; releasing them makes room for the next. */
export const PARKED_SHOWN = 500;

export const parkedCallsSchema = z.strictObject({ calls: z.array(callSchema) }).meta({ id: "ParkedCalls" });
