import type { Benchmark } from './measure.ts';
import { conversion } from './search-sync-conversion.ts';
import { cost } from './search-sync-cost.ts';
import { throughput } from './search-sync-throughput.ts';

/** The search-sync wing: conversion, throughput on a real engine, searches read back, memory, growth. */
export const searchSync: Benchmark = {
  name: 'search-sync',
  summary: 'documents a second against raw _bulk and one request a record; conversion; memory; searches read back',
  run: async (progress) => [
    ...(await conversion(progress)),
    ...(await cost(progress)),
    ...(await throughput(progress)),
  ],
};
