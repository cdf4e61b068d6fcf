// The moments' rates of the tagger's Adam, inside and outside of the graph (spec section 7).
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
