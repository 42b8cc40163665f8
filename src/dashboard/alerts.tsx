import { Hono } from "hono";
import type { PageEnv } from "./context";

export const alerts = new Hono<PageEnv>();
