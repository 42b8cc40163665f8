import { Hono } from "hono";
import type { PageEnv } from "./context";

export const invoices = new Hono<PageEnv>();
