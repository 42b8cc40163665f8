import type { RiskGroup } from "../../env";
import { callingCodeOf, countriesOf } from "../../numbers/calling-codes";

/** Where numbers with a prefix are. */
export interface Place {
  /** Digits of E.164 that they begin with: a calling code, or that and an area code where countries share one. */
  prefix: string;
  /** Its ISO code; null for +1 outside of its islands, where it may be more than one, and for calling codes of no country. */
  country: string | null;
  /** Null for calling codes of no country. */
  risk: RiskGroup | null;
}

/**
 * Countries by how often calls to them are made to share in what they cost (international revenue share fraud), most of all from
 * accounts that were taken over. High are those that such reports have commonly named, small islands, and countries in which
 * few people are called and a minute costs much. Low is what is named neither here nor below: where most businesses call.
 * This is a judgement and ages: reports name other countries each year, numbers of low ones among them, and operators whose
 * customers call these countries will disagree. So all are open, until an operator closes a group.
 */
const HIGH = `
  220 221 222 223 224 231 232 235 236 239 240 242 243 245 246 247 248 252 253 257 261 263 269 290 291
  370 371 500 508 509 53 670 672 674 675 676 677 678 680 681 682 683 685 686 688 690 691 692 850 93 960
  AG1268 AI1264 AS1684 BB1246 DM1767 DO1809 DO1829 DO1849 GD1473 JM1658 JM1876 KN1869 LC1758 MS1664 TC1649 VC1784 VG1284`;

/** Countries that are dear to call, or named now and then. */
const MEDIUM = `
  20 211 212 213 216 218 225 226 227 228 229 230 233 234 237 238 241 244 249 250 251 254 255 256 258 260 262 264 265 266 267 268
  297 298 299 350 355 372 373 374 375 376 377 378 380 381 382 383 387 389 423 501 502 503 504 505 507 58 590 591 592 593 594
  595 596 597 599 62 63 673 679 687 689 7 84 855 856 880 92 94 95 961 962 963 964 965 966 967 968 970 971 973 974 975
  976 977 98 992 993 994 995 996 998
  BM1441 BS1242 KY1345 SX1721 TT1868`;

/** Areas of North America's plan that are other countries, and no dearer to call than it. */
const LOW_AREAS = "GU1671 MP1670 PR1787 PR1939 VI1340";

const DIGITS_OF_AN_AREA = 4;

let places: ReadonlyMap<string, Place> | undefined;

/** The place that a number's digits begin with; null for those of no calling code. */
export function placeOf(digits: string): Place | null {
  places ??= allPlaces();
  const area = digits.startsWith("1") ? places.get(digits.slice(0, DIGITS_OF_AN_AREA)) : undefined;
  if (area) return area;
  const prefix = callingCodeOf(digits);
  return prefix === null ? null : (places.get(prefix) ?? placeOfCode(prefix, "low"));
}

function allPlaces(): ReadonlyMap<string, Place> {
  const groups: [string, RiskGroup][] = [
    [HIGH, "high"],
    [MEDIUM, "medium"],
    [LOW_AREAS, "low"],
  ];
  return new Map(
    groups.flatMap(([text, risk]) =>
      text
        .trim()
        .split(/\s+/)
        .map((named) => {
          const [, country, prefix = ""] = /^([A-Z]*)(\d+)$/.exec(named) ?? [];
          return [prefix, country ? { prefix, country, risk } : placeOfCode(prefix, risk)] as const;
        }),
    ),
  );
}

function placeOfCode(prefix: string, risk: RiskGroup): Place {
  const [main = null] = countriesOf(prefix);
  if (main === null) return { prefix, country: null, risk: null };
  return { prefix, country: main === "US" ? null : main, risk };
}
