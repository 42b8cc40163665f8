import { Hono } from "hono";
import type { PageEnv } from "./context";

export const usage = new Hono<PageEnv>();
