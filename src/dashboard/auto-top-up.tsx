import { Hono } from "hono";
import type { PageEnv } from "./context";

export const autoTopUp = new Hono<PageEnv>();
