import { describe, expect } from "vitest";
import type { InvoiceDocument } from "../documents/invoice-document";
import { ALWAYS_ASKS, DECLINED, newCustomer, openInvoice, paidInvoice, sessionFor, VISA } from "./purchases";
import { errorOf, playAccount, played } from "./suite";

/** An account with a browser that goes to its pages and follows nothing by itself. */
function browse(options: Parameters<typeof playAccount>[0] = {}) {
  const account = playAccount(options);
  const ask = async (url: string, form?: Record<string, string>) => {
    const at = new URL(url, "https://stripe.test");
    const init = form && { method: "POST", body: new URLSearchParams(form) };
    const answer = await account.stand_in.handle(new Request(at, { ...init, redirect: "manual" }));
    const { status, headers } = answer;
    return {
      status,
      headers,
      location: headers.get("Location") ?? "",
      text: new TextDecoder().decode(await answer.arrayBuffer()),
    };
  };
  return { ...account, ask };
}

describe("the payment page", () => {
  played("shows what is bought with net, VAT and gross, who is billed, and the test cards", async () => {
    const { stripe, ask } = browse();
    const { id } = await newCustomer(stripe, "DE");
    const session = await stripe.checkout.sessions.create(sessionFor(id));
    const { status, text } = await ask(String(session.url));
    expect(status).toBe(200);
    for (const shown of [
      "Prepaid call credit",
      "€50.00",
      "VAT 19%",
      "€9.50",
      "€59.50",
      "Example Trading",
      "10119 Berlin",
      "Germany",
      "billing@example.com",
      "4242 4242 4242 4242",
      "Is declined: insufficient funds",
      "Asks for 3-D Secure every time",
      "Succeeds, is disputed later",
      "https://example.com/cancelled",
    ])
      expect(text).toContain(shown);
  });

  played("says that the buyer owes the VAT under reverse charge", async () => {
    const { stripe, ask } = browse();
    const { id } = await newCustomer(stripe, "DE");
    await stripe.customers.createTaxId(id, { type: "eu_vat", value: "DE000000000" });
    const { text } = await ask(String((await stripe.checkout.sessions.create(sessionFor(id))).url));
    expect(text).toContain("reverse charge");
    expect(text).toContain("VAT ID DE000000000");
  });

  played("leads a payment to the success page, with the session's id in it", async () => {
    const { stripe, ask } = browse();
    const session = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    const answer = await ask(String(session.url), {
      card: "4242 4242 4242 4242",
      expiry: "12 / 34",
      cvc: "123",
    });
    expect([answer.status, answer.location]).toEqual([
      303,
      `https://example.com/done?session_id=${session.id}`,
    ]);
    const closed = await ask(String(session.url));
    expect(closed.text).toContain("done already");
    expect(closed.text).toContain(`session_id=${session.id}`);
  });

  played("says why a card was not taken, and takes another", async () => {
    const { stripe, ask } = browse();
    const { url } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    expect((await ask(String(url), { card: "1234" })).text).toContain("This is no test card");
    const declined = await ask(String(url), { card: DECLINED });
    expect(declined).toMatchObject({ status: 402, text: expect.stringContaining("Your card was declined.") });
    expect((await ask(String(url), { card: VISA })).status).toBe(303);
  });

  played.each([
    ["yes", 303],
    ["no", 402],
  ])("asks the holder for 3-D Secure; they answer %s", async (answer, status) => {
    const { stripe, ask } = browse();
    const { url } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    const { location } = await ask(String(url), { card: ALWAYS_ASKS });
    expect((await ask(location)).text).toContain("Did you start a payment of €60.50 to Example Voice B.V.?");
    expect((await ask(location, { answer })).status).toBe(status);
  });

  played("that is closed says so, and leads back", async () => {
    const { stripe, ask } = browse();
    const { id, url } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    await stripe.checkout.sessions.expire(id);
    for (const answer of [await ask(String(url)), await ask(String(url), { card: VISA })]) {
      expect(answer).toMatchObject({ status: 410, text: expect.stringContaining("Nothing was charged") });
      expect(answer.text).toContain("https://example.com/cancelled");
    }
  });

  played("saves a card without a payment", async () => {
    const { stripe, ask } = browse();
    const customer = (await newCustomer(stripe)).id;
    const asked = {
      mode: "setup",
      customer,
      currency: "eur",
      success_url: "https://example.com/done",
    } as const;
    const { url } = await stripe.checkout.sessions.create(asked);
    expect((await ask(String(url))).text).toContain("Nothing is charged now");
    const { location } = await ask(String(url), { card: ALWAYS_ASKS });
    expect((await ask(location)).text).toContain("charge this card later");
    expect((await ask(location, { answer: "yes" })).location).toBe("https://example.com/done");
    expect((await stripe.paymentMethods.list({ customer })).data).toHaveLength(1);
  });

  played("offers to keep a card where it was told to", async () => {
    const { stripe, ask } = browse();
    const customer = (await newCustomer(stripe)).id;
    const saved_payment_method_options = { payment_method_save: "enabled" as const };
    const session = await stripe.checkout.sessions.create(
      sessionFor(customer, { saved_payment_method_options }),
    );
    expect((await ask(String(session.url))).text).toContain("Keep this card");
    await ask(String(session.url), { card: VISA, save: "yes" });
    expect((await stripe.paymentMethods.list({ customer })).data).toHaveLength(1);
  });
});

describe("the page of an invoice", () => {
  played("lets the holder confirm a payment that was begun without them", async () => {
    const { stripe, ask } = browse();
    const { id, customer, hosted_invoice_url } = await openInvoice(stripe);
    const asked = { customer: customer as string };
    const card = await stripe.paymentMethods.attach("pm_card_authenticationRequired", asked);
    await errorOf(stripe.invoices.pay(id, { payment_method: card.id }));
    const page = await ask(String(hosted_invoice_url));
    expect(page.text).toContain("ending in 3184");
    const path = /href="([^"]+confirm)"/.exec(page.text)?.[1] ?? "";
    expect((await ask(path)).text).toContain("May Example Voice B.V. charge €60.50 to your card?");
    const { location } = await ask(path, { answer: "yes" });
    expect((await ask(location)).text).toMatch(/Paid on \d+ \w+ \d{4}\./);
    expect((await stripe.invoices.retrieve(id)).status).toBe("paid");
  });

  played("takes another card after a decline", async () => {
    const { stripe, ask } = browse();
    const { hosted_invoice_url } = await openInvoice(stripe);
    const declined = await ask(String(hosted_invoice_url), { card: DECLINED });
    expect(declined.text).toContain("Your card was declined.");
    const { location } = await ask(String(hosted_invoice_url), { card: ALWAYS_ASKS });
    const paid = await ask((await ask(location, { answer: "yes" })).location);
    expect(paid.text).toContain("Paid on");
    expect((await ask(String(hosted_invoice_url), { card: VISA })).text).toContain("This invoice is closed.");
  });
});

played("the portal shows cards and invoices, and changes the cards", async () => {
  const { stripe, ask } = browse();
  const { invoice } = await paidInvoice(stripe);
  const customer = invoice.customer as string;
  const asked = { customer, return_url: "https://example.com/billing" };
  const { url } = await stripe.billingPortal.sessions.create(asked);
  const page = await ask(url);
  for (const shown of ["ending in 4242", String(invoice.number), "€60.50", "https://example.com/billing"])
    expect(page.text).toContain(shown);
  expect((await ask(`${url}/cards`, { card: DECLINED })).status).toBe(402);
  await ask(`${url}/cards`, { card: "5555555555554444" });
  const cards = (await stripe.paymentMethods.list({ customer })).data;
  expect(cards.map(({ card }) => card?.last4)).toEqual(["4444", "4242"]);
  await ask(url, { default: cards[1]?.id ?? "" });
  expect((await stripe.customers.retrieve(customer)) as object).toMatchObject({
    invoice_settings: { default_payment_method: cards[1]?.id },
  });
  await ask(url, { remove: cards[0]?.id ?? "" });
  expect((await stripe.paymentMethods.list({ customer })).data).toHaveLength(1);
});

played("what the seller sees lets them refund, and play a dispute to its end", async () => {
  const { stripe, ask } = browse();
  expect((await ask("/")).text).toContain("Nothing was paid yet.");
  const [one, other] = [await paidInvoice(stripe), await paidInvoice(stripe)];
  expect((await ask("/")).text).toContain(one.payment_intent);
  await ask(`/payments/${one.payment_intent}/refund`, {});
  expect((await stripe.refunds.list()).data).toMatchObject([
    { payment_intent: one.payment_intent, amount: 6_050 },
  ]);
  await ask(`/payments/${other.payment_intent}/dispute`, {});
  const [dispute] = (await stripe.disputes.list()).data;
  await ask(`/disputes/${dispute?.id}`, { outcome: "lost" });
  expect((await stripe.disputes.list()).data).toMatchObject([{ status: "lost" }]);
  expect((await ask("/")).text).toContain("dispute: lost");
});

played("the files of invoices and credit notes say all that must stand on them", async () => {
  const drawn: InvoiceDocument[] = [];
  const pdf = async (document: InvoiceDocument) => {
    drawn.push(document);
    return new TextEncoder().encode("%PDF-1.7");
  };
  const { stripe, ask } = browse({ pdf });
  const { invoice, invoice_id } = await paidInvoice(stripe, "DE");
  const note = await stripe.creditNotes.create({ invoice: invoice_id, amount: 595, refund_amount: 595 });
  const answer = await ask(String(invoice.invoice_pdf));
  expect(answer).toMatchObject({ status: 200, text: "%PDF-1.7" });
  expect(answer.headers.get("Content-Type")).toBe("application/pdf");
  expect(answer.headers.get("Content-Disposition")).toContain(`${invoice.number}.pdf`);
  await ask(note.pdf);
  const parties = {
    seller: { name: "Example Voice B.V.", vat_id: "NL000099998B57" },
    buyer: { name: "Example Trading", address_lines: ["Torstrasse 1", "10119 Berlin", "Germany"] },
  };
  expect(drawn).toMatchObject([
    {
      kind: "invoice",
      number: invoice.number,
      corrects: null,
      payment: { state: "paid" },
      ...parties,
      lines: [{ description: "Prepaid call credit", quantity: 1, unit_net_cents: 5_000, net_cents: 5_000 }],
      net_cents: 5_000,
      tax_rate_basis_points: 1_900,
      tax_cents: 950,
      gross_cents: 5_950,
      currency: "EUR",
    },
    {
      kind: "credit_note",
      number: note.number,
      corrects: { number: invoice.number },
      payment: { state: "refunded" },
      ...parties,
      net_cents: 500,
      tax_cents: 95,
      gross_cents: 595,
    },
  ]);
});

played("pages need no script and run none, whatever a customer is called", async () => {
  const { stripe, ask } = browse();
  const customer = await newCustomer(stripe);
  await stripe.customers.update(customer.id, { name: "<script>alert(1)</script>" });
  const { url } = await stripe.checkout.sessions.create(sessionFor(customer.id));
  const portal = await stripe.billingPortal.sessions.create({ customer: customer.id });
  for (const place of [String(url), portal.url, "/"]) {
    const { text, headers } = await ask(place);
    expect(text).not.toContain("<script");
    expect(text).toContain("no money moves here");
    expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(headers.get("Cache-Control")).toBe("no-store");
  }
});

played("what is not there is a page that says so", async () => {
  const { ask } = browse();
  for (const path of ["/nothing", "/c/pay/cs_test_nothing", "/invoice/in_nothing", "/portal/bps_nothing"])
    expect((await ask(path)).status).toBe(404);
});
