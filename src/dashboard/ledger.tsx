import { Hono } from "hono";
import type { PageEnv } from "./context";

export const ledger = new Hono<PageEnv>();
