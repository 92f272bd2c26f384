/** Workers and threads, set by name: what `auto` would measure differs from run to run. */
export type ServeSetting = Readonly<{ encoderWorkers: number; encoderThreads: number; decoderWorkers: number }>;

/** Every core on one picture. */
export function latencySetting(cores: number): ServeSetting {
  return { encoderWorkers: 1, encoderThreads: cores, decoderWorkers: 1 };
}

/** A picture on each core. */
export function throughputSetting(cores: number): ServeSetting {
  return { encoderWorkers: cores, encoderThreads: 1, decoderWorkers: Math.max(1, Math.floor(cores / 2)) };
}

/** int8 by name: random weights pass no gate. */
export const servedPrecision = { STYGIG_PRECISION: "int8" } as const;

export function toEnvironment({ encoderWorkers, encoderThreads, decoderWorkers }: ServeSetting) {
  return {
    ...servedPrecision,
    STYGIG_ENCODER_WORKERS: String(encoderWorkers),
    STYGIG_ENCODER_THREADS: String(encoderThreads),
    STYGIG_DECODER_WORKERS: String(decoderWorkers),
  };
}
