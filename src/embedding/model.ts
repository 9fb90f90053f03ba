/** The only importer of @xenova/transformers: loads a model from `models/` and turns texts into unit vectors. */
import { join } from "node:path";
import { AutoModel, AutoTokenizer, env, type PreTrainedModel, type PreTrainedTokenizer } from "@xenova/transformers";
import { KindredError, messageOf } from "../core/errors.js";
import { hashOf } from "../core/files.js";
import { DEFAULT_MODEL, MODELS_DIRECTORY, readManifest, type ModelDescription } from "./description.js";

/** For onnxruntime: one worker per core is faster than one session with a thread per core. */
export const SESSION_OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1 };

/**
 * A cache that has the path of every ONNX file, which onnxruntime opens itself. Without it transformers.js reads the whole
 * file into memory first, only to pass on its path.
 */
const PATHS = {
  /** @param name A path, or the URL of a model's file, which has `/resolve/REVISION` after the model. */
  match: async (name: string) => {
    const [, model, file] = /([^/\\]+)(?:\/resolve\/[^/]+)?[/\\](onnx[/\\][^/\\]+\.onnx)$/.exec(name) ?? [];
    return model === undefined || file === undefined ? undefined : join(MODELS_DIRECTORY, model, file);
  },
  put: async () => {},
};

type Integers = { data: BigInt64Array; dims: number[] };
export type ModelInputs = { input_ids: Integers; attention_mask: Integers; token_type_ids: Integers };

/** A loaded model. It computes on the calling thread: keep it off the thread that serves. */
export class EmbeddingModel {
  readonly description: ModelDescription;
  readonly #model: PreTrainedModel;
  readonly #tokenizer: PreTrainedTokenizer;

  private constructor(description: ModelDescription, model: PreTrainedModel, tokenizer: PreTrainedTokenizer) {
    this.description = description;
    this.#model = model;
    this.#tokenizer = tokenizer;
  }

  /**
   * Verifies the sha256 of every file, then loads the model.
   *
   * @throws KindredError `invalid` when there is no such model, `damaged` when a file does not match its checksum.
   */
  static async load(name: string = DEFAULT_MODEL): Promise<EmbeddingModel> {
    const { manifest, description } = await readManifest(name);
    const folder = join(MODELS_DIRECTORY, name);
    await Promise.all(
      Object.entries(manifest.sha256).map(async ([file, expected]) => {
        const path = join(folder, file);
        const got = await hashOf(path).then((hash) => hash.digest("hex"), messageOf);
        if (got !== expected)
          throw new KindredError(
            "damaged",
            `${path} is not the published file of the model (sha256: got ${got}, expected ${expected}): ` +
              `restore it, for example with "git checkout -- models"`,
          );
      }),
    );
    env.allowRemoteModels = false;
    env.allowLocalModels = true;
    env.localModelPath = MODELS_DIRECTORY;
    env.useFSCache = false;
    env.useBrowserCache = false;
    env.useCustomCache = true;
    env.customCache = PATHS;
    const [model, tokenizer] = await Promise.all([
      AutoModel.from_pretrained(name, {
        dtype: manifest.dtype,
        local_files_only: true,
        session_options: SESSION_OPTIONS,
      }),
      AutoTokenizer.from_pretrained(name, { local_files_only: true }),
    ]);
    return new EmbeddingModel(description, model, tokenizer);
  }

  /**
   * Embeds texts of similar length in one pass.
   *
   * @returns One unit vector per text, of `dimensions` floats: the mean of the token vectors under the attention mask,
   *   L2 normalised. In an int8 model a vector depends slightly on its batch (cosine above 0.99 to the text alone).
   */
  async embedBatch(texts: readonly string[]): Promise<Float32Array[]> {
    if (texts.length === 0) return [];
    const inputs = this.tokenize(texts);
    const { last_hidden_state: hidden } = (await this.#model(inputs)) as {
      last_hidden_state: { data: Float32Array; dims: number[]; dispose(): void };
    };
    try {
      const [, tokens = 0, dimensions = 0] = hidden.dims;
      return texts.map((_, row) =>
        poolMean(
          hidden.data.subarray(row * tokens * dimensions, (row + 1) * tokens * dimensions),
          inputs.attention_mask.data.subarray(row * tokens, (row + 1) * tokens),
          dimensions,
        ),
      );
    } finally {
      hidden.dispose();
    }
  }

  /** The inputs of the model for some texts, cut, and padded to one length. Each is [texts, word pieces]. */
  tokenize(texts: readonly string[]): ModelInputs {
    const inputs = this.#tokenizer(texts as string[], {
      padding: texts.length > 1,
      truncation: true,
      max_length: this.description.cut,
    }) as ModelInputs;
    if (inputs.input_ids.data.length === texts.length * this.description.cut)
      this.#closeCut(inputs.input_ids.data, inputs.attention_mask.data);
    return inputs;
  }

  /**
   * Restores the closing marker, which the tokenizer cuts off with the rest: in training every text had one. Rows must
   * have the full length.
   */
  #closeCut(ids: BigInt64Array, mask: BigInt64Array): void {
    const { cut } = this.description;
    for (let last = cut - 1; last < ids.length; last += cut)
      if (mask[last] === 1n) ids[last] = BigInt(this.#tokenizer.sep_token_id);
  }

  /** Embeds one text by itself: always the same vector for the same text. */
  async embed(text: string): Promise<Float32Array> {
    const [vector] = await this.embedBatch([text]);
    return vector as Float32Array;
  }

  async close(): Promise<void> {
    await this.#model.dispose();
  }
}

/** Mean over the tokens that are not padding, scaled to length 1. `hidden` is [tokens, dimensions]. */
function poolMean(hidden: Float32Array, mask: BigInt64Array, dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (let token = 0; token < mask.length; token++) {
    if (mask[token] === 0n) continue;
    const start = token * dimensions;
    for (let i = 0; i < dimensions; i++) sum[i]! += hidden[start + i] as number;
  }
  let squares = 0;
  for (const component of sum) squares += component * component;
  const length = Math.sqrt(squares);
  if (length > 0) for (let i = 0; i < dimensions; i++) sum[i]! /= length;
  return sum;
}
