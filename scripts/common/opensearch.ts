/**
 * A real OpenSearch cluster on this machine, assembled by Maven: the server, its k-NN plugin, and the modules that the server's
 * test package lacks. Needs Java 17 and Maven.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The last version with a k-NN plugin that runs on Java 17. */
const VERSION = "2.19.1";
/** The server refuses to run as root: "nobody" runs it. */
const NOBODY = 65_534;
const START_TIMEOUT = 120_000;

type Artifact = [group: string, artifact: string, version: string];

/** Modules of a full distribution, each with its class and its jars. */
const MODULES: Record<string, { main: string; jars: Artifact[] }> = {
  "lang-painless": {
    main: "org.opensearch.painless.PainlessPlugin",
    jars: [
      ["org.opensearch.plugin", "lang-painless", VERSION],
      ["org.opensearch.plugin", "opensearch-scripting-painless-spi", VERSION],
      ["org.antlr", "antlr4-runtime", "4.13.1"],
      ...["asm", "asm-analysis", "asm-commons", "asm-tree", "asm-util"].map((name): Artifact => [
        "org.ow2.asm",
        name,
        "9.7",
      ]),
    ],
  },
  "analysis-common": {
    main: "org.opensearch.analysis.common.CommonAnalysisPlugin",
    jars: [["org.opensearch.plugin", "analysis-common", VERSION]],
  },
  "mapper-extras": {
    main: "org.opensearch.index.mapper.MapperExtrasPlugin",
    jars: [["org.opensearch.plugin", "mapper-extras-client", VERSION]],
  },
  reindex: {
    main: "org.opensearch.index.reindex.ReindexPlugin",
    jars: [
      ["org.opensearch.plugin", "reindex-client", VERSION],
      ["org.opensearch", "opensearch-ssl-config", VERSION],
      ["org.opensearch.client", "opensearch-rest-client", VERSION],
      ["org.apache.httpcomponents", "httpclient", "4.5.14"],
      ["org.apache.httpcomponents", "httpcore", "4.4.16"],
      ["org.apache.httpcomponents", "httpcore-nio", "4.4.16"],
      ["org.apache.httpcomponents", "httpasyncclient", "4.1.5"],
      ["commons-codec", "commons-codec", "1.16.1"],
      ["commons-logging", "commons-logging", "1.2"],
    ],
  },
};

/** Why there can be no cluster here; null if there can. */
export function reasonAgainst(): string | null {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = Number(/version "(\d+)/.exec(java.stderr ?? "")?.[1] ?? NaN);
  if (!(version >= 17)) return "Java 17 or later is missing";
  if (spawnSync("mvn", ["--version"]).status !== 0) return "Maven is missing";
  return null;
}

/** Assembles the server unless that was done before. @returns Its folder. */
function assembled(): string {
  const home = join(tmpdir(), `kindred-opensearch-${VERSION}-${process.getuid?.() ?? 0}`);
  if (existsSync(home)) return home;
  const work = mkdtempSync(join(tmpdir(), "kindred-opensearch-"));
  try {
    writeFileSync(join(work, "pom.xml"), projectOf(work));
    const built = spawnSync("mvn", ["-q", "-B", "-f", join(work, "pom.xml"), "package"], { encoding: "utf8" });
    if (built.status !== 0) throw new Error(`Maven could not assemble OpenSearch: ${built.stdout}${built.stderr}`);
    const server = join(work, `opensearch-${VERSION}`);
    for (const [name, { main }] of Object.entries(MODULES))
      writeFileSync(join(server, "modules", name, "plugin-descriptor.properties"), descriptorOf(name, main));
    writeFileSync(
      join(server, "modules", "lang-painless", "plugin-security.policy"),
      `grant {\n${["createClassLoader", "getClassLoader"].map((name) => `  permission java.lang.RuntimePermission "${name}";\n`).join("")}};\n`,
    );
    spawnSync("chmod", ["-R", "a+rX", server]);
    renameSync(server, home);
    return home;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const itemOf = ([group, artifact, version]: Artifact, more: string): string =>
  `<artifactItem><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${more}</artifactItem>`;

/** A Maven project that puts all files in their places. */
function projectOf(work: string): string {
  const server = join(work, `opensearch-${VERSION}`);
  const into = (folder: string) => `<outputDirectory>${folder}</outputDirectory>`;
  const zips = [
    itemOf(["org.opensearch.distribution.integ-test-zip", "opensearch", VERSION], `<type>zip</type>${into(work)}`),
    itemOf(
      ["org.opensearch.plugin", "opensearch-knn", `${VERSION}.0`],
      `<type>zip</type>${into(join(server, "plugins", "opensearch-knn"))}`,
    ),
  ];
  const jars = Object.entries(MODULES).flatMap(([name, module]) =>
    module.jars.map((jar) => itemOf(jar, into(join(server, "modules", name)))),
  );
  const execution = (goal: string, items: string[]) =>
    `<execution><id>${goal}</id><phase>package</phase><goals><goal>${goal}</goal></goals>
      <configuration><artifactItems>${items.join("")}</artifactItems></configuration></execution>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
    <groupId>kindred</groupId><artifactId>opensearch-for-tests</artifactId><version>1</version><packaging>pom</packaging>
    <build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>
    <version>3.6.1</version><executions>${execution("unpack", zips)}${execution("copy", jars)}</executions></plugin></plugins></build>
    </project>`;
}

const descriptorOf = (name: string, main: string): string =>
  Object.entries({
    name,
    description: name,
    version: VERSION,
    "opensearch.version": VERSION,
    "java.version": "11",
    classname: main,
    "custom.foldername": "",
    "extended.plugins": "",
    "has.native.controller": "false",
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");

export type TestCluster = {
  urls: string[];
  /** Ends one node at once, by SIGKILL. */
  kill: (node: number) => Promise<void>;
  /** Starts a node that was killed, and waits until it has joined. */
  restart: (node: number) => Promise<void>;
  /** Waits until no replica is missing. */
  whole: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Starts a cluster, and waits until it answers. @param nodes 1 to 3. */
export async function startCluster(nodes = 1, heap = "512m"): Promise<TestCluster> {
  const home = assembled();
  const folder = mkdtempSync(join(tmpdir(), "kindred-cluster-"));
  const ports = await freePorts(2 * nodes);
  const [http, transport] = [ports.slice(0, nodes), ports.slice(nodes)];
  const names = http.map((_, i) => `node-${i + 1}`);
  const urls = http.map((port) => `http://127.0.0.1:${port}`);
  const running: (ChildProcess | undefined)[] = [];
  const start = (i: number) => {
    const own = join(folder, names[i]!);
    const root = process.getuid?.() === 0;
    for (const part of ["", "config", "data", "logs", "tmp"]) {
      mkdirSync(join(own, part), { recursive: true });
      if (root) chownSync(join(own, part), NOBODY, NOBODY);
    }
    if (root) chownSync(folder, NOBODY, NOBODY);
    writeFileSync(
      join(own, "config", "opensearch.yml"),
      [
        "cluster.name: kindred-test",
        `node.name: ${names[i]}`,
        "network.host: 127.0.0.1",
        `http.port: ${http[i]}`,
        `transport.port: ${transport[i]}`,
        `discovery.seed_hosts: [${transport.map((port) => `"127.0.0.1:${port}"`).join(", ")}]`,
        `cluster.initial_cluster_manager_nodes: [${names.join(", ")}]`,
        `path.data: ${join(own, "data")}`,
        `path.logs: ${join(own, "logs")}`,
        // Disks of machines that run tests are often nearly full.
        "cluster.routing.allocation.disk.threshold_enabled: false",
        "bootstrap.system_call_filter: false",
        "",
      ].join("\n"),
    );
    writeFileSync(
      join(own, "config", "log4j2.properties"),
      "appender.console.type = Console\nappender.console.name = console\nappender.console.layout.type = PatternLayout\nappender.console.layout.pattern = %d %p %c{1} %m%n\nrootLogger.level = warn\nrootLogger.appenderRef.console.ref = console\n",
    );
    const log = openSync(join(own, "logs", "out.log"), "a");
    const options = {
      "java.security.manager": "allow",
      "java.io.tmpdir": join(own, "tmp"),
      "java.awt.headless": "true",
      "jna.nosys": "true",
      "jna.tmpdir": join(own, "tmp"),
      "file.encoding": "UTF-8",
      "io.netty.noUnsafe": "true",
      "io.netty.noKeySetOptimization": "true",
      "log4j.shutdownHookEnabled": "false",
      "log4j2.disable.jmx": "true",
      "opensearch.path.home": home,
      "opensearch.path.conf": join(own, "config"),
      "opensearch.distribution.type": "zip",
      "opensearch.bundled_jdk": "false",
    };
    running[i] = spawn(
      "java",
      [
        `-Xms${heap}`,
        `-Xmx${heap}`,
        // Starts sooner, and tests do not run long enough for the other compiler to pay.
        "-XX:TieredStopAtLevel=1",
        ...Object.entries(options).map(([name, value]) => `-D${name}=${value}`),
        "-cp",
        join(home, "lib", "*"),
        "org.opensearch.bootstrap.OpenSearch",
      ],
      { stdio: ["ignore", log, log], cwd: own, ...(root && { uid: NOBODY, gid: NOBODY }) },
    );
  };
  const ended = async (i: number, signal: NodeJS.Signals) => {
    const child = running[i];
    running[i] = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await exit;
  };
  const ready = async (i: number) => {
    const end = Date.now() + START_TIMEOUT;
    for (;;) {
      const health = `${urls[i]}/_cluster/health?wait_for_nodes=${nodes}&timeout=1s`;
      const answer = await fetch(health).then(
        (got) => got.json() as Promise<{ timed_out: boolean }>,
        () => null,
      );
      if (answer?.timed_out === false) return;
      if (Date.now() > end || (running[i]?.exitCode ?? null) !== null)
        throw new Error(
          `node ${i} did not start: ${readFileSync(join(folder, names[i]!, "logs", "out.log"), "utf8").slice(-2_000)}`,
        );
      await sleep(250);
    }
  };
  const stop = async () => {
    await Promise.all(names.map((_, i) => ended(i, "SIGTERM")));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (let i = 0; i < nodes; i++) start(i);
    for (let i = 0; i < nodes; i++) await ready(i);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    urls,
    kill: (node) => ended(node, "SIGKILL"),
    restart: async (node) => {
      start(node);
      await ready(node);
    },
    whole: async () => {
      for (;;) {
        const health = await fetch(`${urls[0]}/_cluster/health?wait_for_status=green&timeout=5s`).then(
          (got) => got.json() as Promise<{ status: string }>,
          () => null,
        );
        if (health?.status === "green") return;
        await sleep(250);
      }
    },
    stop,
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
