import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Two cores are all that most machines here have; more workers only make the training tests wait for each other.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for comes, however busy the machine is.
    expect: { poll: { timeout: 30_000 } },
  },
});
