import { z } from "zod";
import { alertThreshold } from "../webhooks/event-catalogue";

/** Alerts that an organization may have at once. */
export const MAX_ALERTS = 10;

/** An alert as a customer sets it: exactly one of minutes, micro-euros and minutes at the present burn. */
export const newAlert = alertThreshold.refine(
  (threshold) => Object.values(threshold).filter((value) => value !== undefined).length === 1,
  "Set exactly one of minutes, amount_micros and runway_minutes.",
);

/** All alerts of an organization: at most `MAX_ALERTS`, none twice. */
export const alertList = z
  .array(newAlert)
  .max(MAX_ALERTS)
  .refine(
    (alerts) => new Set(alerts.map((alert) => JSON.stringify(alert))).size === alerts.length,
    "Two alerts are the same.",
  );
