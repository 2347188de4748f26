import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/**
 * Sends a message over HTTP, with its documents as files of the same form. Nothing but the JDK is needed:
 *
 * <pre>java Send.java MESSAGE.json [ID=FILE]…</pre>
 *
 * DOORS is the address of the hub, TOKEN_FILE holds the token. It ends with 0 if the hub has the message.
 */
public class Send {
    private static final int ATTEMPTS = 5;

    private final String boundary = "form-" + UUID.randomUUID();
    private final ByteArrayOutputStream form = new ByteArrayOutputStream();

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Send send = new Send();
        send.add("message", "application/json", Path.of(arguments[0]));
        for (int i = 1; i < arguments.length; i++) {
            String[] document = arguments[i].split("=", 2);
            send.add(document[0], "application/octet-stream", Path.of(document[1]));
        }
        HttpResponse<String> answer = send.post();
        System.out.println(answer.statusCode() + " " + answer.body());
        System.exit(answer.statusCode() == 202 ? 0 : 1);
    }

    private void add(String field, String type, Path file) throws IOException {
        write("--" + boundary + "\r\n"
                + "Content-Disposition: form-data; name=\"" + field + "\"; filename=\"" + file.getFileName() + "\"\r\n"
                + "Content-Type: " + type + "\r\n\r\n");
        form.write(Files.readAllBytes(file));
        write("\r\n");
    }

    private void write(String text) throws IOException {
        form.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sending again is harmless, since the message has its id: also where it is not known whether it arrived. */
    private HttpResponse<String> post() throws IOException, InterruptedException {
        write("--" + boundary + "--\r\n");
        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("DOORS") + "/submissions"))
                .header("Authorization", "Bearer " + Files.readString(Path.of(System.getenv("TOKEN_FILE"))).strip())
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .timeout(Duration.ofMinutes(2))
                .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
                .build();
        HttpClient client = HttpClient.newHttpClient();
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
                if (answer.statusCode() < 500 || attempt == ATTEMPTS) {
                    return answer;
                }
            } catch (IOException cut) {
                if (attempt == ATTEMPTS) {
                    throw cut;
                }
            }
            Thread.sleep(1000L << attempt);
        }
    }
}
