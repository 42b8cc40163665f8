import { Hono } from "hono";
import type { PageEnv } from "./context";

export const information = new Hono<PageEnv>();
