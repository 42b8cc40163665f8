import { describe, expect, test } from "vitest";
import { newCustomer, openInvoice, paidInvoice, sessionFor } from "./purchases";
import { errorOf, openAccount, playAccount, played } from "./suite";

describe("a refund", () => {
  test("of a part, then of the rest, and no more", async () => {
    const stripe = openAccount();
    const { payment_intent } = await paidInvoice(stripe);
    const part = await stripe.refunds.create({ payment_intent, amount: 1_000, metadata: { cause: "test" } });
    expect(part).toMatchObject({
      object: "refund",
      amount: 1_000,
      currency: "eur",
      payment_intent,
      metadata: { cause: "test" },
    });
    expect(["succeeded", "pending"]).toContain(part.status);
    expect((await errorOf(stripe.refunds.create({ payment_intent, amount: 6_000 }))).message).toContain(
      "greater than",
    );
    const rest = await stripe.refunds.create({ payment_intent });
    expect(rest.amount).toBe(5_050);
    expect((await errorOf(stripe.refunds.create({ payment_intent }))).code).toBe("charge_already_refunded");
    const found = await stripe.refunds.list({ payment_intent });
    expect(found.data.map(({ id }) => id)).toEqual([rest.id, part.id]);
    const charge = await stripe.charges.retrieve(part.charge as string, { expand: ["refunds"] });
    expect(charge).toMatchObject({ refunded: true, amount_refunded: 6_050 });
    expect(charge.refunds?.data).toHaveLength(2);
  });

  test("makes no credit note by itself", async () => {
    const stripe = openAccount();
    const { invoice_id, payment_intent } = await paidInvoice(stripe);
    await stripe.refunds.create({ payment_intent });
    expect((await stripe.creditNotes.list({ invoice: invoice_id })).data).toEqual([]);
  });

  test("of what was not paid is refused", async () => {
    const stripe = openAccount();
    const { id } = await openInvoice(stripe);
    const invoice = await stripe.invoices.retrieve(id, { expand: ["payments"] });
    const payment_intent = String(invoice.payments?.data[0]?.payment.payment_intent);
    expect((await errorOf(stripe.refunds.create({ payment_intent }))).statusCode).toBe(400);
    expect((await errorOf(stripe.refunds.create({}))).statusCode).toBe(400);
  });

  played(
    "waits with some cards, and fails later with others: the money is back with the seller",
    async () => {
      for (const [card, status] of [
        ["4000000000007726", "succeeded"],
        ["4000000000005126", "failed"],
      ]) {
        const { stripe, controls } = playAccount();
        const { id } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
        controls.payCheckout(id, { card: String(card) });
        const payment_intent = String((await stripe.checkout.sessions.retrieve(id)).payment_intent);
        const refund = await stripe.refunds.create({ payment_intent });
        expect(refund.status).toBe(status === "failed" ? "succeeded" : "pending");
        controls.advance(10_000);
        expect((await stripe.refunds.retrieve(refund.id)).status).toBe(status);
        const { amount_refunded } = await stripe.charges.retrieve(refund.charge as string);
        expect(amount_refunded).toBe(status === "failed" ? 0 : 6_050);
      }
    },
  );

  played("from the dashboard comes without a credit note, and can be made to wait and to fail", async () => {
    const { stripe, controls } = playAccount();
    const { payment_intent } = await paidInvoice(stripe);
    const { id } = controls.refund(payment_intent, { amount_cents: 100, status: "pending" });
    controls.advance(60_000);
    expect((await stripe.refunds.retrieve(id)).status).toBe("pending");
    controls.failRefund(id);
    expect(await stripe.refunds.retrieve(id)).toMatchObject({
      status: "failed",
      failure_reason: "expired_or_canceled_card",
    });
    const types = controls.find("event").map(({ type }) => type);
    expect(types.slice(-3)).toEqual(["refund.updated", "charge.refund.updated", "refund.failed"]);
  });
});

describe("a credit note", () => {
  test("of a paid invoice refunds by itself, with net and tax in proportion", async () => {
    const stripe = openAccount();
    const { invoice_id: invoice, payment_intent } = await paidInvoice(stripe);
    const first = await stripe.creditNotes.create({ invoice, amount: 1_000, refund_amount: 1_000 });
    expect(first).toMatchObject({
      object: "credit_note",
      status: "issued",
      type: "post_payment",
      total: 1_000,
      total_excluding_tax: 826,
      total_taxes: [{ amount: 174 }],
      refunds: [{ amount_refunded: 1_000, type: "refund" }],
    });
    expect(first.number).toMatch(/./);
    expect(first.pdf).toMatch(/^https:/);
    const second = await stripe.creditNotes.create({ invoice, amount: 5_050, refund_amount: 5_050 });
    const notes = (await stripe.creditNotes.list({ invoice })).data;
    expect(notes.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(notes.reduce((sum, { total_excluding_tax }) => sum + (total_excluding_tax ?? 0), 0)).toBe(5_000);
    const refunds = (await stripe.refunds.list({ payment_intent })).data;
    expect(refunds.map(({ amount }) => amount)).toEqual([5_050, 1_000]);
    expect(
      (await errorOf(stripe.creditNotes.create({ invoice, amount: 1, refund_amount: 1 }))).statusCode,
    ).toBe(400);
    expect((await stripe.invoices.retrieve(invoice)).post_payment_credit_notes_amount).toBe(6_050);
  });

  played("that is the last one takes the rest, so that rounding leaves nothing over", async () => {
    const { stripe } = playAccount();
    const { invoice_id: invoice } = await paidInvoice(stripe);
    const taxes: (number | undefined)[] = [];
    for (const amount of [1_000, 1_000, 4_050]) {
      const note = await stripe.creditNotes.create({ invoice, amount, refund_amount: amount });
      taxes.push(note.total_taxes?.[0]?.amount);
    }
    expect(taxes).toEqual([174, 174, 702]);
  });

  test("follows a refund that was made before, once", async () => {
    const stripe = openAccount();
    const { invoice_id: invoice, payment_intent } = await paidInvoice(stripe);
    const refund = await stripe.refunds.create({ payment_intent, amount: 2_000 });
    const refunds = [{ type: "refund", refund: refund.id, amount_refunded: 2_000 }];
    const note = await stripe.creditNotes.create({ invoice, amount: 2_000, refunds });
    expect(note.refunds).toMatchObject([{ refund: refund.id, amount_refunded: 2_000 }]);
    expect((await errorOf(stripe.creditNotes.create({ invoice, amount: 2_000, refunds }))).statusCode).toBe(
      400,
    );
  });

  test("says where all of the money goes, or is refused", async () => {
    const stripe = openAccount();
    const { invoice_id: invoice } = await paidInvoice(stripe);
    for (const money of [{}, { refund_amount: 999 }, { refund_amount: 500, out_of_band_amount: 400 }]) {
      const error = await errorOf(stripe.creditNotes.create({ invoice, amount: 1_000, ...money }));
      expect(error.statusCode).toBe(400);
    }
    const note = await stripe.creditNotes.create({ invoice, amount: 1_000, out_of_band_amount: 1_000 });
    expect(note).toMatchObject({ refunds: [], out_of_band_amount: 1_000 });
  });

  test("of an open invoice lowers what is due and can be made void; of a paid one it cannot", async () => {
    const stripe = openAccount();
    const { id: invoice } = await openInvoice(stripe);
    const note = await stripe.creditNotes.create({ invoice, amount: 1_000 });
    expect(note.type).toBe("pre_payment");
    expect((await stripe.invoices.retrieve(invoice)).amount_due).toBe(5_050);
    expect((await stripe.creditNotes.voidCreditNote(note.id)).status).toBe("void");
    expect((await stripe.invoices.retrieve(invoice)).amount_due).toBe(6_050);
    const paid = (await paidInvoice(stripe)).invoice_id;
    const standing = await stripe.creditNotes.create({ invoice: paid, amount: 100, refund_amount: 100 });
    expect((await errorOf(stripe.creditNotes.voidCreditNote(standing.id))).statusCode).toBe(400);
  });

  test("by lines credits their net amount and its tax", async () => {
    const stripe = openAccount();
    const { invoice_id, invoice } = await paidInvoice(stripe);
    const invoice_line_item = invoice.lines.data[0]?.id;
    const lines = [{ type: "invoice_line_item", invoice_line_item, amount: 1_000 }];
    const asked = { invoice: invoice_id, lines, refund_amount: 1_210 };
    expect(await stripe.creditNotes.preview(asked)).toMatchObject({
      total: 1_210,
      total_excluding_tax: 1_000,
    });
    expect((await stripe.creditNotes.list({ invoice: invoice_id })).data).toEqual([]);
    const note = await stripe.creditNotes.create(asked);
    expect(note).toMatchObject({ total: 1_210, total_excluding_tax: 1_000 });
    const { data } = await stripe.creditNotes.listLineItems(note.id);
    expect(data).toMatchObject([{ object: "credit_note_line_item", amount: 1_000, invoice_line_item }]);
  });

  test("of a draft is refused", async () => {
    const stripe = openAccount();
    const { id: invoice = "" } = await stripe.invoices.create({ customer: (await newCustomer(stripe)).id });
    expect((await errorOf(stripe.creditNotes.create({ invoice, amount: 100 }))).statusCode).toBe(400);
  });
});

describe("a dispute", () => {
  played("takes the money at once, gives it back when it is won, and not when it is lost", async () => {
    for (const outcome of ["won", "lost"] as const) {
      const { stripe, controls } = playAccount();
      const { payment_intent } = await paidInvoice(stripe);
      const { id } = controls.openDispute(payment_intent);
      const open = await stripe.disputes.retrieve(id, { expand: ["charge"] });
      expect(open).toMatchObject({
        status: "needs_response",
        amount: 6_050,
        payment_intent,
        charge: { disputed: true },
        balance_transactions: [{ amount: -6_050, reporting_category: "dispute" }],
      });
      expect((await errorOf(stripe.refunds.create({ payment_intent }))).code).toBe("charge_disputed");
      controls.closeDispute(id, outcome);
      const [closed] = (await stripe.disputes.list({ payment_intent })).data;
      expect(closed?.status).toBe(outcome);
      expect(closed?.balance_transactions.map(({ amount }) => amount)).toEqual(
        outcome === "won" ? [-6_050, 6_050] : [-6_050],
      );
      const types = controls
        .find("event", ({ type }) => type.startsWith("charge.dispute"))
        .map(({ type }) => type);
      expect(types).toEqual([
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        ...(outcome === "won" ? ["charge.dispute.funds_reinstated"] : []),
        "charge.dispute.closed",
      ]);
    }
  });

  played("that is only an inquiry moves no money, unless it becomes more", async () => {
    const { stripe, controls } = playAccount();
    const { payment_intent } = await paidInvoice(stripe);
    const { id } = controls.openDispute(payment_intent, { inquiry: true, amount_cents: 1_000 });
    expect(await stripe.disputes.retrieve(id)).toMatchObject({
      status: "warning_needs_response",
      balance_transactions: [],
    });
    controls.escalateDispute(id);
    expect(await stripe.disputes.retrieve(id)).toMatchObject({
      status: "needs_response",
      balance_transactions: [{ amount: -1_000 }],
    });
  });

  played("comes a little later with the cards that are known for it", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    controls.payCheckout(id, { card: "4000000000000259" });
    expect((await stripe.disputes.list()).data).toEqual([]);
    controls.advance(10_000);
    expect((await stripe.disputes.list()).data).toMatchObject([{ status: "needs_response" }]);
  });
});
