import { Hono } from "hono";
import type { PageEnv } from "./context";

export const credits = new Hono<PageEnv>();
