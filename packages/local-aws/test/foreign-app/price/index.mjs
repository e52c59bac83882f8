/** The price of an order, in cents. */
export const handler = async ({ orderId, pieces }) => ({
  orderId,
  cents: pieces * Number(process.env.CENTS_EACH),
});
