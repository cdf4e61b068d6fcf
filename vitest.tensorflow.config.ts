import { defineConfig } from 'vitest/config';

// The tests that need TensorFlow's native library: `npm run test:tensorflow` sets it up and runs them.
export default defineConfig({
  test: {
    include: ['test/unit/**/*.tensorflow.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
