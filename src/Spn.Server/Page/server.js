// The calls of the server.

/** An answer that is not a picture. */
export class Problem extends Error {
  /**
   * @param {string} detail what is wrong
   * @param {number | null} retryAfter the seconds until a busy server takes calls again; null if a retry would fail in the same way
   */
  constructor(detail, retryAfter = null) {
    super(detail);
    this.retryAfter = retryAfter;
  }
}

/** A file of the page. */
export async function get(path) {
  const response = await ask(path);
  if (!response.ok)
    throw new Problem(`The server answered ${response.status}.`);
  return response.blob();
}

/** The names of the models that the server has. */
export async function getModels() {
  const description = JSON.parse(await (await get('openapi.json')).text());
  return description.paths['/refine'].post.requestBody.content['multipart/form-data'].schema.properties.model.enum;
}

/**
 * Posts a form and returns the picture of the answer.
 * @param {string} path the endpoint, relative to the page
 * @param {Record<string, Blob | string | number | undefined>} fields files and options; without a value, the server's default
 * @param {AbortSignal} [signal] gives the call up; the server stops its work
 * @returns {Promise<{ picture: Blob, milliseconds: number | null }>}
 */
export async function post(path, fields, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined)
      form.append(name, value);
  const response = await ask(path, { method: 'POST', body: form, signal });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({})), isBusy = response.status === 429;
    throw new Problem(
      problem.detail ?? `The server answered ${response.status}.`, isBusy ? Number(response.headers.get('Retry-After')) || 1 : null);
  }
  const timing = /refine;dur=([\d.]+)/.exec(response.headers.get('Server-Timing') ?? '');
  return { picture: await response.blob(), milliseconds: timing ? Number(timing[1]) : null };
}

async function ask(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Problem('The server cannot be reached.');
  }
}
