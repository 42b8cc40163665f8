import { html } from "hono/html";
import type Stripe from "stripe";
import { spacedNumber, TEST_CARDS, type TestCard, testCard } from "../core/cards.ts";
import type { Tax } from "../core/tax.ts";
import { moneyText, rateText } from "../documents/invoice-document.ts";
import { documentOfParty } from "../documents/of-invoice.ts";
import type { Html } from "./layout.ts";

/** Lines with their net amounts, and what they come to. */
export interface Amounts {
  lines: { description: string | null; net_cents: number }[];
  net_cents: number;
  tax_cents: number;
  gross_cents: number;
  currency: string;
}

/** What is bought, with net, VAT and gross. */
export function amountsPart(
  { lines, net_cents, tax_cents, gross_cents, currency }: Amounts,
  vat: string,
): Html {
  return html`<section>
    <h2>What you pay for</h2>
    <dl>
      ${lines.map(
        (line) => html`<dt>${line.description}</dt><dd>${moneyText(line.net_cents, currency)}</dd>`,
      )}
      <dt class="soft">Net</dt><dd>${moneyText(net_cents, currency)}</dd>
      <dt class="soft">${vat}</dt><dd>${moneyText(tax_cents, currency)}</dd>
      <dt class="total">Total</dt><dd class="total">${moneyText(gross_cents, currency)}</dd>
    </dl>
  </section>`;
}

/** `VAT 21%`, or why there is none. */
export function vatLabel({ reason, rate_basis_points }: Pick<Tax, "reason" | "rate_basis_points">): string {
  if (reason === "standard_rated") return `VAT ${rateText(rate_basis_points)}`;
  return reason === "reverse_charge" ? "VAT (reverse charge: you owe it)" : "VAT (none is charged)";
}

/** Who is billed. */
export function buyerPart(
  buyer: Pick<Stripe.Customer, "name" | "email" | "address">,
  vat_id: string | null,
): Html {
  const { name, address_lines } = documentOfParty(buyer.name ?? "", buyer.address ?? null);
  return html`<section>
    <h2>Billed to</h2>
    <address>
      ${name}<br />${address_lines.map((line) => html`${line}<br />`)} ${buyer.email ?? ""}
      ${vat_id === null ? "" : html`<br />VAT ID ${vat_id}`}
    </address>
  </section>`;
}

export interface CardForm {
  /** Where it is sent. */
  action: string;
  /** What its button says. */
  label: string;
  /** Offers to keep the card. */
  offers_to_save: boolean;
}

/** The form in which a card is typed, and the test cards that can be used with one press. */
export function cardPart({ action, label, offers_to_save }: CardForm): Html {
  return html`<section>
      <h2>Card</h2>
      <form method="post" action="${action}">
        <label for="card">Card number</label>
        <input id="card" name="card" inputmode="numeric" autocomplete="cc-number" required placeholder="4242 4242 4242 4242" />
        <div class="pair">
          <div>
            <label for="expiry">Expires</label>
            <input id="expiry" name="expiry" autocomplete="cc-exp" placeholder="12 / 34" />
          </div>
          <div>
            <label for="cvc">Security code</label>
            <input id="cvc" name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="123" />
          </div>
        </div>
        ${
          offers_to_save
            ? html`<label class="tick"><input type="checkbox" name="save" value="yes" /> Keep this card for later</label>`
            : ""
        }
        <button>${label}</button>
      </form>
    </section>
    <section>
      <h2>Test cards</h2>
      <p class="soft">One press uses the card.</p>
      ${TEST_CARDS.map(
        (card) =>
          html`<form method="post" action="${action}">
            <button class="choice" name="card" value="${card.number}">
              <span>${card.label}</span><code>${spacedNumber(card.number)}</code>
            </button>
          </form>`,
      )}
    </section>`;
}

/** The test card of a form, or what is wrong with it. */
export function cardOfForm(form: URLSearchParams): TestCard | string {
  const card = testCard(form.get("card") ?? "");
  return card ?? "This is no test card. Choose one from the list.";
}

/** What a bank shows to the holder of a card before it pays (3-D Secure). */
export function challengePart(action: string, question: string): Html {
  return html`<h1>Your bank asks</h1>
    <section>
      <p>${question}</p>
      <p class="soft">This is what 3-D Secure looks like: only the holder of the card can answer.</p>
      <form method="post" action="${action}">
        <button name="answer" value="yes">Yes, approve</button>
        <button class="plain" name="answer" value="no">No, refuse</button>
      </form>
    </section>`;
}
