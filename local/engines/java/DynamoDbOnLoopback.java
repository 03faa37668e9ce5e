import java.lang.reflect.Field;
import java.util.Arrays;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local has no option for the address that it listens on and takes all of them. It is made here as its own main
 * method makes it, and its web server is moved to loopback, on a port that the kernel chooses, before it starts.
 */
public final class DynamoDbOnLoopback {
  public static void main(String[] arguments) throws Exception {
    DynamoDBProxyServer dynamodb = ServerRunner.createServerFromCommandLineArgs(arguments);
    Field field =
        Arrays.stream(DynamoDBProxyServer.class.getDeclaredFields())
            .filter(candidate -> candidate.getType() == Server.class)
            .findFirst()
            .orElseThrow();
    field.setAccessible(true);
    Server server = (Server) field.get(dynamodb);
    for (Connector connector : server.getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
      ((ServerConnector) connector).setPort(0);
    }
    dynamodb.safeStart();
    System.out.println("listening on " + ((ServerConnector) server.getConnectors()[0]).getLocalPort());
    dynamodb.join();
  }
}
