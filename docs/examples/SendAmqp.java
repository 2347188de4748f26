import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends a submission over AMQP, after its documents were put to the hub; without an argument it reads one refusal.
 *
 * <pre>java SendAmqp.java SUBMISSION.json [FILE]…</pre>
 *
 * CLASSPATH names RabbitMQ's client and what it needs, AMQP_URL RabbitMQ, and REFUSALS an exchange of your own with
 * a queue of the same name. DOORS is the address of the hub, TOKEN_FILE holds the token that documents are put with.
 */
public class SendAmqp {
    private static final String REFUSALS = System.getenv().getOrDefault("REFUSALS", "portal.refusals");

    public static void main(String[] arguments) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        // With a slash at its end this client would look for a virtual host that has no name.
        factory.setUri(System.getenv("AMQP_URL").replaceFirst("/$", ""));
        try (Connection connection = factory.newConnection(); Channel channel = connection.createChannel()) {
            if (arguments.length == 0) {
                readRefusal(channel);
                return;
            }
            for (int i = 1; i < arguments.length; i++) {
                put(Files.readAllBytes(Path.of(arguments[i])));
            }
            send(channel, Files.readString(Path.of(arguments[0])), factory.getUsername());
        }
    }

    /** A document waits at the hub, under its hash, until a submission of the same sender lists it. */
    private static void put(byte[] document) throws Exception {
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document));
        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("DOORS") + "/documents/" + hash))
                .header("Authorization", "Bearer " + Files.readString(Path.of(System.getenv("TOKEN_FILE"))).strip())
                .PUT(HttpRequest.BodyPublishers.ofByteArray(document))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }

    private static void send(Channel channel, String message, String user) throws Exception {
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .type("submission")
                .deliveryMode(2) // persistent
                .messageId(UUID.randomUUID().toString()) // of this attempt; the message has its own id
                .correlationId(field("id", message))
                .replyTo(REFUSALS)
                .userId(user)
                .build();
        AtomicBoolean returned = new AtomicBoolean();
        channel.addReturnListener((code, text, exchange, key, props, body) -> returned.set(true));
        channel.confirmSelect();
        String key = field("service", message) + "." + field("authority", message);
        channel.basicPublish("hub.submissions", key, true, properties, message.getBytes(StandardCharsets.UTF_8));
        channel.waitForConfirmsOrDie(30_000);
        // A message that no queue took is returned first, and confirmed all the same.
        if (returned.get()) {
            throw new IllegalStateException("no queue took the message: does the hub run?");
        }
        System.out.println(field("id", message) + " is confirmed");
    }

    private static void readRefusal(Channel channel) throws Exception {
        GetResponse refusal;
        while ((refusal = channel.basicGet(REFUSALS, false)) == null) {
            Thread.sleep(200); // a service that runs all the time uses basicConsume
        }
        String told = new String(refusal.getBody(), StandardCharsets.UTF_8);
        System.out.println(refusal.getProps().getCorrelationId() + " is refused: " + told);
        channel.basicAck(refusal.getEnvelope().getDeliveryTag(), false); // only now: it is read
    }

    /** Your service has these at hand; here they are read out of the file without a JSON library. */
    private static String field(String name, String message) {
        Matcher found = Pattern.compile("\"" + name + "\":\\s*\"([^\"]+)\"").matcher(message);
        if (!found.find()) {
            throw new IllegalArgumentException("the message has no " + name);
        }
        return found.group(1);
    }
}
