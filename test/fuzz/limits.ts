/** Small, so that what is just within them costs little. */
export const mostPixels = 1_000_000;
export const mostBodyBytes = 1024 * 1024;
/** Once refused or late, a connection lives for a few seconds more; so long is a request worked on before. */
export const requestTimeoutMs = 8000;
/** As short as it may be. */
export const keepAliveMs = 1000;
