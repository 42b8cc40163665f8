import { Hono } from "hono";
import type { PageEnv } from "./context";

export const audit = new Hono<PageEnv>();
