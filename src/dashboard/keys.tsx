import { Hono } from "hono";
import type { PageEnv } from "./context";

export const keys = new Hono<PageEnv>();
