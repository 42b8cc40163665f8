import { sha256Hex } from "../../units/digest";

/** What a number is looked up by in what is added up of it: any text may be one, and a digest is a good key of JSON. */
export async function numberDigest(number: string): Promise<string> {
  return (await sha256Hex(number)).slice(0, 24);
}
