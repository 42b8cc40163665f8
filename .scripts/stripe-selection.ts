/** A request of the SDK, and which of its parameters the stand-in acts upon. */
interface Selection {
  /** Its parameters' type, within the namespace `Stripe`. */
  type: string;
  /** With a dot for what is inside another one. None: all there are. */
  parameters: readonly string[];
}

const PAGE = ["limit", "starting_after", "ending_before", "created", "expand"];
const PAGE_WITHOUT_DATES = ["limit", "starting_after", "ending_before", "expand"];

function request(type: string, ...parameters: string[]): Selection {
  return { type, parameters };
}

/** Each name of `paths` below `name`. */
function inside(name: string, ...paths: string[]): string[] {
  return paths.map((path) => `${name}.${path}`);
}

const CUSTOMER = [
  ..."address business_name description email expand individual_name metadata name phone".split(" "),
  ..."preferred_locales tax_exempt tax.validate_location".split(" "),
  ...inside("invoice_settings", "default_payment_method", "footer"),
];

const CHECKOUT = [
  ..."mode customer customer_email client_reference_id currency metadata expand expires_at".split(" "),
  ..."success_url cancel_url locale billing_address_collection allowed_payment_method_types".split(" "),
  ..."automatic_tax.enabled adaptive_pricing.enabled customer_update tax_id_collection".split(" "),
  ..."saved_payment_method_options line_items.quantity".split(" "),
  ...inside("line_items.price_data", "currency", "unit_amount", "tax_behavior"),
  ...inside("line_items.price_data.product_data", "name", "description", "tax_code", "metadata"),
  ...inside("invoice_creation", "enabled", "invoice_data.description", "invoice_data.footer"),
  ...inside("invoice_creation.invoice_data", "metadata", "rendering_options.amount_tax_display"),
  ...inside("payment_intent_data", "description", "metadata", "setup_future_usage"),
  ...inside("setup_intent_data", "description", "metadata"),
];

const INVOICE = [
  ..."customer currency collection_method auto_advance automatic_tax.enabled default_payment_method".split(
    " ",
  ),
  ..."pending_invoice_items_behavior description footer metadata rendering.amount_tax_display expand".split(
    " ",
  ),
];

const CREDIT_NOTE = [
  ..."invoice amount credit_amount out_of_band_amount refund_amount memo".split(" "),
  ...inside("lines", "type", "invoice_line_item", "amount", "quantity"),
  ...inside("refunds", "type", "refund", "amount_refunded"),
  ..."metadata reason email_type expand".split(" "),
];

/** Every request that the stand-in answers. What Stripe knows besides is refused with words that say so. */
export const REQUESTS: Record<string, Selection> = {
  billing_portal_session_create: request(
    "BillingPortal.SessionCreateParams",
    ..."customer locale return_url configuration expand".split(" "),
  ),
  charge_retrieve: request("ChargeRetrieveParams"),
  charge_list: request("ChargeListParams", ...PAGE, "customer", "payment_intent"),
  checkout_session_create: request("Checkout.SessionCreateParams", ...CHECKOUT),
  checkout_session_expire: request("Checkout.SessionExpireParams"),
  checkout_session_line_items: request("Checkout.SessionListLineItemsParams"),
  checkout_session_list: request(
    "Checkout.SessionListParams",
    ...PAGE,
    "customer",
    "payment_intent",
    "status",
  ),
  checkout_session_retrieve: request("Checkout.SessionRetrieveParams"),
  credit_note_create: request("CreditNoteCreateParams", ...CREDIT_NOTE),
  credit_note_lines: request("CreditNoteListLineItemsParams"),
  credit_note_list: request("CreditNoteListParams", ...PAGE, "customer", "invoice"),
  credit_note_preview: request("CreditNotePreviewParams", ...CREDIT_NOTE),
  credit_note_retrieve: request("CreditNoteRetrieveParams"),
  credit_note_void: request("CreditNoteVoidCreditNoteParams"),
  customer_create: request("CustomerCreateParams", ...CUSTOMER),
  customer_balance_transaction_create: request("CustomerCreateBalanceTransactionParams"),
  customer_balance_transaction_list: request("CustomerListBalanceTransactionsParams", ...PAGE),
  customer_list: request("CustomerListParams", ...PAGE, "email"),
  customer_payment_methods: request("CustomerListPaymentMethodsParams", ...PAGE_WITHOUT_DATES, "type"),
  customer_retrieve: request("CustomerRetrieveParams"),
  customer_update: request("CustomerUpdateParams", ...CUSTOMER),
  dispute_list: request("DisputeListParams", ...PAGE, "charge", "payment_intent"),
  dispute_retrieve: request("DisputeRetrieveParams"),
  event_list: request("EventListParams"),
  event_retrieve: request("EventRetrieveParams"),
  invoice_create: request("InvoiceCreateParams", ...INVOICE),
  invoice_create_preview: request(
    "InvoiceCreatePreviewParams",
    ..."customer currency automatic_tax.enabled expand".split(" "),
    ...inside("invoice_items", "amount", "currency", "description", "quantity", "tax_behavior"),
  ),
  invoice_delete: request("InvoiceDeleteParams"),
  invoice_finalize: request("InvoiceFinalizeInvoiceParams"),
  invoice_item_create: request(
    "InvoiceItemCreateParams",
    ..."customer invoice currency amount description tax_behavior metadata expand".split(" "),
  ),
  invoice_lines: request("InvoiceListLineItemsParams"),
  invoice_list: request("InvoiceListParams", ...PAGE, "customer", "status", "collection_method"),
  invoice_mark_uncollectible: request("InvoiceMarkUncollectibleParams"),
  invoice_pay: request(
    "InvoicePayParams",
    ..."payment_method off_session paid_out_of_band expand".split(" "),
  ),
  invoice_payment_list: request(
    "InvoicePaymentListParams",
    ...PAGE,
    "invoice",
    "status",
    "payment.type",
    "payment.payment_intent",
  ),
  invoice_payment_retrieve: request("InvoicePaymentRetrieveParams"),
  invoice_retrieve: request("InvoiceRetrieveParams"),
  invoice_void: request("InvoiceVoidInvoiceParams"),
  payment_intent_list: request("PaymentIntentListParams", ...PAGE, "customer"),
  payment_intent_retrieve: request("PaymentIntentRetrieveParams", "expand"),
  payment_method_attach: request("PaymentMethodAttachParams", "customer", "expand"),
  payment_method_detach: request("PaymentMethodDetachParams"),
  payment_method_list: request("PaymentMethodListParams", ...PAGE_WITHOUT_DATES, "customer", "type"),
  payment_method_retrieve: request("PaymentMethodRetrieveParams"),
  refund_create: request(
    "RefundCreateParams",
    ..."amount charge payment_intent metadata reason expand".split(" "),
  ),
  refund_list: request("RefundListParams", ...PAGE, "charge", "payment_intent"),
  refund_retrieve: request("RefundRetrieveParams"),
  setup_intent_list: request("SetupIntentListParams", ...PAGE_WITHOUT_DATES, "customer", "payment_method"),
  setup_intent_retrieve: request("SetupIntentRetrieveParams", "expand"),
  tax_id_create: request("CustomerCreateTaxIdParams"),
  tax_id_delete: request("CustomerDeleteTaxIdParams"),
  tax_id_list: request("CustomerListTaxIdsParams"),
  tax_id_retrieve: request("CustomerRetrieveTaxIdParams"),
  tax_registration_list: request("Tax.RegistrationListParams"),
  tax_settings_retrieve: request("Tax.SettingsRetrieveParams"),
};

/** A resource that is answered. `also`: fields that its type calls optional and that the API always has. */
interface AnsweredResource {
  /** Where its type stands, below `resources` of the SDK. */
  file: string;
  type: string;
  also?: string[];
}

/** What the stand-in answers, by what it calls itself in `object`. */
export const RESOURCES: Record<string, AnsweredResource> = {
  balance_transaction: { file: "BalanceTransactions", type: "BalanceTransaction" },
  "billing_portal.session": { file: "BillingPortal/Sessions", type: "Session" },
  charge: { file: "Charges", type: "Charge" },
  "checkout.session": { file: "Checkout/Sessions", type: "Session", also: ["phone_number_collection"] },
  credit_note: { file: "CreditNotes", type: "CreditNote" },
  credit_note_line_item: { file: "CreditNoteLineItems", type: "CreditNoteLineItem" },
  customer: {
    file: "Customers",
    type: "Customer",
    also: [
      ..."address currency delinquent discount invoice_prefix name next_invoice_sequence phone".split(" "),
      ..."preferred_locales tax_exempt test_clock".split(" "),
    ],
  },
  customer_balance_transaction: {
    file: "CustomerBalanceTransactions",
    type: "CustomerBalanceTransaction",
  },
  dispute: { file: "Disputes", type: "Dispute", also: ["payment_method_details"] },
  event: { file: "Events", type: "EventBase" },
  invoice: {
    file: "Invoices",
    type: "Invoice",
    also: ["auto_advance", "customer_tax_ids", "hosted_invoice_url", "invoice_pdf"],
  },
  invoice_payment: { file: "InvoicePayments", type: "InvoicePayment" },
  invoiceitem: { file: "InvoiceItems", type: "InvoiceItem", also: ["net_amount"] },
  item: { file: "LineItems", type: "LineItem" },
  line_item: { file: "InvoiceLineItems", type: "InvoiceLineItem" },
  payment_intent: {
    file: "PaymentIntents",
    type: "PaymentIntent",
    also: ["amount_details", "transfer_data"],
  },
  payment_method: { file: "PaymentMethods", type: "PaymentMethod", also: ["allow_redisplay", "card"] },
  refund: { file: "Refunds", type: "Refund", also: ["destination_details"] },
  setup_intent: { file: "SetupIntents", type: "SetupIntent" },
  "tax.registration": { file: "Tax/Registrations", type: "Registration" },
  "tax.settings": { file: "Tax/Settings", type: "Settings" },
  tax_id: { file: "TaxIds", type: "TaxId" },
};
