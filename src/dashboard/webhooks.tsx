import { Hono } from "hono";
import type { PageEnv } from "./context";

export const webhooks = new Hono<PageEnv>();
