import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.opensearch.action.admin.cluster.node.info.NodesInfoResponse;
import org.opensearch.http.HttpInfo;

/** One OpenSearch node on loopback, on ports that the kernel chooses. Argument: the directory for all that it writes. */
public final class OpenSearchOnLoopback {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
    runner
        .onBuild(
            (number, settings) -> {
              settings.put("network.host", "127.0.0.1");
              settings.put("http.port", "0");
              settings.put("transport.port", "0");
              settings.put("discovery.type", "single-node");
              // As the product's domains are set: a misspelt index is an error and not a new index.
              settings.put("action.auto_create_index", false);
              // A developer's disk is often fuller than the 85 to 95 % at which a cluster blocks writes to save itself,
              // and these indices are thrown away within the hour.
              settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
            })
        .build(
            OpenSearchRunner.newConfigs()
                .basePath(arguments[0])
                .clusterName("mainstay-local")
                .numOfNode(1)
                .disableESLogger());
    runner.ensureYellow();
    NodesInfoResponse nodes = runner.client().admin().cluster().prepareNodesInfo().clear().addMetric("http").get();
    int port = nodes.getNodes().get(0).getInfo(HttpInfo.class).getAddress().publishAddress().getPort();
    System.out.println("listening on " + port);
    Thread.currentThread().join();
  }

  private static void close(OpenSearchRunner runner) {
    try {
      runner.close();
    } catch (Exception ended) {
      // nothing is kept: the run removes the directory
    }
  }
}
